#compdef resetplan
# zsh completion for resetplan; load it with: source <(resetplan completion zsh)
#
# The program itself knows what may come next: it reads the words, and the plan
# and lock that are named in them. Its first answer is `files` where the name of
# a file may stand too.
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
