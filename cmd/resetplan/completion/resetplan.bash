# bash completion for resetplan; load it with: source <(resetplan completion bash)
#
# The program itself answers what may come next, from the command line and from the
# plan and lock named in it. The first line of its answer is `files` if a file name
# may come next, else `words`.
_resetplan() {
  local line="${COMP_LINE:0:${COMP_POINT:-0}}" word="${COMP_WORDS[COMP_CWORD]}" kind one rest
  [ -n "$line" ] || line="${COMP_WORDS[*]:0:COMP_CWORD+1}"
  COMPREPLY=()
  {
    read -r kind
    while IFS=$'\t' read -r one rest; do COMPREPLY+=("$one"); done
  } < <("${COMP_WORDS[0]/#\~/$HOME}" __complete --line --breaks "$COMP_WORDBREAKS" -- "$line" 2>/dev/null)
  case "${COMPREPLY[0]}" in *=) compopt -o nospace 2>/dev/null ;; esac
  [ "$kind" = files ] || return 0
  [ "${#COMPREPLY[@]}" -gt 0 ] || compopt -o filenames 2>/dev/null
  case "$word" in = | :) word="" ;; esac
  while IFS= read -r one; do COMPREPLY+=("$one"); done < <(compgen -f -- "$word")
}
complete -F _resetplan resetplan
