# bash completion for resetplan; load it with: source <(resetplan completion bash)
#
# The program itself knows what may come next: it reads the line, and the plan
# and lock that are named in it. Its first answer is `files` where the name of a
# file may stand too.
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
