#compdef resetplan
# zsh completion for resetplan; load it with: source <(resetplan completion zsh)
#
# The program itself answers what may come next, from the command line and from the
# plan and lock named in it. The first line of its answer is `files` if a file name
# may come next, else `words`.
_resetplan() {
  local -a answer values shown open
  local one kind
  answer=("${(@f)$("${(Q)words[1]/#\~/$HOME}" __complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  kind="$answer[1]"
  for one in "${(@)answer[2,-1]}"; do
    [[ -n "$one" ]] || continue
    if [[ "${one%%$'\t'*}" == *= ]]; then open+=("${one%%$'\t'*}"); continue; fi
    values+=("${one%%$'\t'*}")
    shown+=("${one/$'\t'/  -- }")
  done
  (( $#values )) && compadd -l -d shown -a values
  (( $#open )) && compadd -S '' -a open
  [[ "$kind" == files ]] && { compset -P '*='; _files }
}
compdef _resetplan resetplan
