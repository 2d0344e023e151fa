#!/usr/bin/env bash
# The shell part of the examples for GitHub and GitLab; see the README of each.
#
#   reset.sh validate         check the changed plans offline, without credentials
#   reset.sh plan             plan the changed plans, with one comment for each
#   reset.sh waiting          list the approved plans that have no result yet
#   reset.sh apply            apply them one by one; record and answer each
#
# It needs bash, curl, git, jq and resetplan. Next to it are forge.sh and, optionally,
# resetplan.config.yaml of the operator.
set -euo pipefail

FOLDER=${RESETPLAN_FOLDER:-resets}     # the plans
REMOTE=${RESETPLAN_REMOTE:-origin}     # the main branch is fetched from it, and the locks are pushed to it
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

error() { # FILE MESSAGE
  if [ -n "${GITHUB_ACTIONS:-}" ]; then printf '::error file=%s::%s\n' "$1" "$2" >&2; else printf '%s: %s\n' "$1" "$2" >&2; fi
}

# The forge sets BRANCH (the main branch), JOB (the page of this job), SIGN (before the
# number of a request) and the functions header, comments, request_of, post and edit.
. "$here/forge.sh"

call() { # METHOD URL [FILE]: the answer; the file is the text of a comment
  local options=(--silent --show-error --fail-with-body --max-time 60 --request "$1")
  if [ -n "${3:-}" ]; then
    jq --null-input --rawfile body "$3" '{$body}' > "$work/body.json"
    options+=(--header 'Content-Type: application/json' --data "@$work/body.json" --output "$work/answer.json")
  else
    options+=(--retry 4)
  fi
  : > "$work/answer.json"
  curl "${options[@]}" --header @<(header) "$2" || { cat "$work/answer.json" >&2; return 1; }
}

pages() { # URL?: every page of a list, as one list
  local page=1 list length
  while :; do
    list=$(call GET "${1}per_page=100&page=$page") || return
    length=$(jq 'if type == "array" then length else error("not a list") end' <<<"$list") || return
    [ "$length" -gt 0 ] || break
    printf '%s\n' "$list"
    page=$((page + 1))
  done | jq --slurp 'add // []'
}

# ---- plans and their comments ----

plans() { # reads file names that end in NUL; prints the plans that they belong to
  local file plan bad=0
  while IFS= read -r -d '' file; do
    case $file in
      *.lock.yaml) continue ;;
      *.params.yaml) plan=${file%.params.yaml}.yaml ;;
      *.yaml | *.yml) plan=$file ;;
      *) continue ;;
    esac
    [ -e "$plan" ] || continue
    if [[ $plan =~ ^[A-Za-z0-9_./-]+\.yaml$ ]]; then
      printf '%s\n' "$plan"
    else
      error "$plan" "this plan is not planned because of its name: use letters, digits, . _ - and the ending .yaml"
      bad=3
    fi
  done > "$work/plans"
  sort -u "$work/plans"
  return "$bad"
}

changed() { # FROM TO: the plans that were added or changed
  git diff --name-only --no-renames -z "$1" "$2" -- "$FOLDER" > "$work/changed" || return
  plans < "$work/changed"
}

with_params() { # PLAN: sets params
  params=()
  if [ -e "${1%.yaml}.params.yaml" ]; then params=(--params "${1%.yaml}.params.yaml"); fi
}

operator() { # COMMIT: uses the operator's configuration of this commit, never that of a request
  local file
  file=$(cd "$here" && git rev-parse --show-prefix)resetplan.config.yaml
  if git cat-file -e "$1:$file" 2>/dev/null; then
    git show "$1:$file" > "$work/resetplan.config.yaml"
    export RESETPLAN_CONFIG=$work/resetplan.config.yaml
  fi
}

logged() { # COMMAND...: runs it; its output cannot give commands to the runner, and a signal to this script reaches it
  local child code=0 stop=stop-$RANDOM$RANDOM$RANDOM
  [ -z "${GITHUB_ACTIONS:-}" ] || echo "::stop-commands::$stop"
  "$@" &
  child=$!
  trap 'kill -TERM "$child"' INT TERM
  while :; do
    code=0
    wait "$child" || code=$?
    kill -0 "$child" 2>/dev/null || break
  done
  trap - INT TERM
  [ -z "${GITHUB_ACTIONS:-}" ] || echo "::$stop::"
  return "$code"
}

meaning() { # EXIT CODE
  case $1 in
    0) echo 'applied, or nothing to do' ;;
    1) echo 'failed, nothing was changed' ;;
    3) echo 'bad input, nothing was contacted' ;;
    4) echo 'refused, nothing was changed' ;;
    5) echo '**partially applied, or in doubt**' ;;
    130) echo '**interrupted**' ;;
    *) echo '**ended unexpectedly**' ;;
  esac
}

# ---- the commands ----

validate_changed() {
  local plan params failed=0
  operator "${BASE:?}"
  changed "$BASE" HEAD > "$work/list" || failed=$?
  while IFS= read -r plan; do
    with_params "$plan"
    logged resetplan validate "$plan" "${params[@]}" || failed=$?
  done < "$work/list"
  return "$failed"
}

plan_changed() {
  local plan params code failed=0
  operator "${BASE:?}"
  changed "$BASE" HEAD > "$work/list" || failed=$?
  while IFS= read -r plan; do
    with_params "$plan"
    code=0
    resetplan plan "$plan" "${params[@]}" --format markdown > "$work/comment.md" 2> "$work/said.txt" || code=$?
    logged cat "$work/said.txt" >&2
    if [ ! -s "$work/comment.md" ]; then
      { printf '%s cannot be planned (exit %s):\n\n' "$plan" "$code"; head -c 60000 "$work/said.txt" | sed 's/^/    /'; } > "$work/comment.md"
    fi
    [ "$code" -eq 0 ] || failed=$code
    show "$plan" || failed=1
  done < "$work/list"
  return "$failed"
}

show() { # PLAN: puts comment.md into the comment of the plan
  local mark="<!-- resetplan: $1 -->" id # identifies the comment
  printf '\n%s' "$mark" >> "$work/comment.md"
  comments "${REQUEST:?}" > "$work/comments" || return
  id=$(jq --arg mark "$mark" 'map(select(.body | endswith($mark))) | .[0].id // empty' "$work/comments") || return
  if [ -n "$id" ]; then edit "$REQUEST" "$id" "$work/comment.md"; else post "$REQUEST" "$work/comment.md"; fi
}

last_change() { git log -1 --first-parent --format="${1}" HEAD -- "${@:2}"; } # FORMAT FILE...

list_waiting() { # one line for each plan to apply, the oldest change first: time, request, digest, plan
  local plan mine planned locked found request merged digest results bad=0
  : > "$work/mine"
  if git cat-file -e "${BEFORE:-none}^{commit}" 2>/dev/null; then
    changed "$BEFORE" "${AFTER:?}" > "$work/mine" || bad=$?
  fi
  git ls-files -z -- "$FOLDER" > "$work/files"
  plans < "$work/files" > "$work/all" 2>/dev/null || true # a wrong name was reported when it came
  : > "$work/waiting"
  while IFS= read -r plan; do
    mine=; if grep -qxF "$plan" "$work/mine"; then mine=yes; fi
    planned=$(last_change %H "$plan" "${plan%.yaml}.params.yaml")
    locked=$(last_change %H "${plan%.yaml}.lock.yaml" "${plan%.yaml}.lock.journal")
    if [ -z "$mine" ] && [ -n "$locked" ]; then # has an apply recorded something since the plan was changed?
      if [ "$locked" = "$planned" ] || ! git merge-base --is-ancestor "$locked" "$planned"; then continue; fi
    fi
    digest=none results=''
    found=$(request_of "$planned") || return
    read -r request merged <<<"$found" || true
    if [ -n "$request" ]; then
      comments "$request" > "$work/comments" || return
      digest=$(jq --raw-output --arg mark "<!-- resetplan: $plan -->" --arg merged "$merged" \
        'map(select((.body | endswith($mark)) and .at <= $merged)) | .[0].body // empty' "$work/comments" |
        sed -n '1s/^Digest: \(sha256:[0-9a-f]\{64\}\)$/\1/p') || return
      digest=${digest:-none}
      results=$(jq --raw-output --arg mark "<!-- resetplan result: $plan $digest " \
        '.[].body | split("\n")[-1] | select(startswith($mark)) | .[($mark | length):]' "$work/comments") || return
    fi
    if [ -n "$mine" ]; then
      if grep -q '^0 -->' <<<"$results"; then continue; fi # applied; everything else is tried again
    elif [ -n "$results" ] || [ "$digest" = none ]; then
      continue # refused or failed in its own job, which can be run again; or never shown
    fi
    printf '%s\t%s\t%s\t%s\n' "$(last_change %ct "$plan")" "${request:-none}" "$digest" "$plan" >> "$work/waiting"
  done < "$work/all"
  sort --stable --numeric-sort --key=1,1 "$work/waiting"
  return "$bad"
}

newest() { # the newest commit of the main branch: earlier jobs have pushed locks to it
  remote fetch --quiet "$REMOTE" "$BRANCH"
  git checkout --quiet --detach FETCH_HEAD
}

record() { # TITLE: commits the folder and pushes it, also if the main branch has moved
  git add --all -- "$FOLDER" || return
  author commit --quiet --message "$1 [skip ci]" || return
  for _ in 1 2 3 4 5; do
    if remote push --quiet "$REMOTE" "HEAD:refs/heads/$BRANCH"; then return 0; fi
    remote fetch --quiet "$REMOTE" "$BRANCH" || return
    if ! author rebase --quiet FETCH_HEAD; then
      git rebase --abort
      return 1
    fi
  done
  return 1
}

author() { git -c user.name="${GIT_NAME:-resetplan}" -c user.email="${GIT_EMAIL:-resetplan@example.com}" "$@"; }

remote() { # a git command, with RESETPLAN_PUSH_TOKEN if it is set, else as the checkout is configured
  if [ -z "${RESETPLAN_PUSH_TOKEN:-}" ]; then git "$@"; return; fi
  # shellcheck disable=SC2016 # git runs it in a shell of its own
  git -c credential.helper= -c credential.helper='!f() { echo username=resetplan; echo "password=$RESETPLAN_PUSH_TOKEN"; }; f' "$@"
}

apply_waiting() {
  local request digest plan code failed=0 halt=
  newest
  operator HEAD
  list_waiting > "$work/list" || failed=$?
  while IFS=$'\t' read -r _ request digest plan; do
    code=0
    apply_one "$request" "$digest" "$plan" </dev/null || code=$?
    [ "$code" -le "$failed" ] || failed=$code
    [ -z "$halt" ] || break
  done < "$work/list"
  return "$failed"
}

# apply_one REQUEST DIGEST PLAN. It sets halt if nothing more may be sent. The mark that it
# pushes first proves that the result can be recorded, and shows later jobs that one began.
apply_one() {
  local started=${3%.yaml}.started code=0 params
  : > "$work/result.md"
  if [ "$2" = none ]; then
    code=1
    echo 'Its plan was not shown in a comment before the merge, so it was not approved: change it in a new request.' > "$work/result.md"
  elif [ -e "$started" ]; then
    code=5
    { printf 'An earlier job began to apply it and recorded no result, so nothing was sent now:\n\n'; sed 's/^/    /' "$started"
      printf '\nCommit the lock from the artifacts of that job, and remove %s.\n' "$started"; } > "$work/result.md"
  fi
  if [ "$code" -ne 0 ]; then
    error "$3" "$(tr '\n' ' ' < "$work/result.md")"
    answer "$1" "$2" "$3" "$code" || true
    return "$code"
  fi
  printf 'Approved in %s%s: %s\nApplied by %s\n' "$SIGN" "$1" "$2" "$JOB" > "$started"
  if ! record "Begin to apply $3 ($SIGN$1)"; then
    halt=yes
    error "$3" "nothing was sent: this job may not push to $BRANCH, so the result could not be recorded; permit its token to push"
    return 1
  fi
  with_params "$3"
  logged resetplan apply "$3" "${params[@]}" --auto-approve --expect-digest "$2" --summary "$work/result.md" 2> "$work/said.txt" || code=$?
  logged cat "$work/said.txt" >&2
  if [ ! -s "$work/result.md" ]; then sed 's/^/    /' "$work/said.txt" > "$work/result.md"; fi
  [ "$code" -lt 128 ] || halt=yes # interrupted
  rm "$started"
  if ! record "Record the apply of $3 ($SIGN$1), exit $code"; then
    halt=yes code=5
    error "$3" "the lock could not be pushed to $BRANCH: commit it from the artifacts of this job, and remove $started"
  fi
  answer "$1" "$2" "$3" "$code" || error "$3" "the result could not be posted to $SIGN$1"
  return "$code"
}

answer() { # REQUEST DIGEST PLAN CODE: posts result.md
  {
    printf '**%s: %s** ([job](%s))\n\n' "$3" "$(meaning "$4")" "$JOB"
    head -c 60000 "$work/result.md"
    printf '\n\n<!-- resetplan result: %s %s %s -->' "$3" "$2" "$4"
  } > "$work/answer.md"
  [ -z "${GITHUB_STEP_SUMMARY:-}" ] || cat "$work/answer.md" >> "$GITHUB_STEP_SUMMARY"
  [ "$1" = none ] || post "$1" "$work/answer.md"
}

main() {
  cd "$(git rev-parse --show-toplevel)"
  case ${1:-} in
    validate) validate_changed ;;
    plan) plan_changed ;;
    waiting) newest && list_waiting ;;
    apply) apply_waiting ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; return 2 ;;
  esac
}
main "$@"; exit # read as a whole before it runs: the checkout below it changes
