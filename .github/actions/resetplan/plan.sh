#!/usr/bin/env bash
# Shows the plan RESETPLAN_PLAN in the job's summary and sets the outputs.
set -euo pipefail

args=()
while IFS= read -r arg; do
  [ -z "$arg" ] || args+=("$arg")
done <<<"$RESETPLAN_ARGS"

markdown=$(mktemp "$RUNNER_TEMP/resetplan-plan-XXXXXX")
messages=$markdown.messages
code=0
resetplan plan "$RESETPLAN_PLAN" ${args[@]+"${args[@]}"} --format markdown --detailed-exitcode >"$markdown" 2>"$messages" </dev/null || code=$?
cat "$messages" >&2
if [ ! -s "$markdown" ]; then
  {
    printf '%s cannot be planned (exit %s):\n\n' "$RESETPLAN_PLAN" "$code"
    sed 's/^/    /' "$messages"
  } >"$markdown"
fi

digest=$(sed -n '1s/^Digest: \(sha256:[0-9a-f]\{64\}\)$/\1/p' "$markdown")
changes=
case $code in
0) changes=false ;;
2) changes=true ;;
esac
printf 'digest=%s\nchanges=%s\nmarkdown=%s\nexit-code=%s\n' "$digest" "$changes" "$markdown" "$code" >>"$GITHUB_OUTPUT"
cat "$markdown" >>"$GITHUB_STEP_SUMMARY"

case $code in
0 | 2) ;;
*)
  echo "::error file=$RESETPLAN_PLAN,title=resetplan::plan exited with $code; the reason is in the job's summary"
  exit "$code"
  ;;
esac
