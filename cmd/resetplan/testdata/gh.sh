#!/usr/bin/env bash
# gh as the workflows call it. Its GitHub is the folder $STATE: the files and
# the comments of pull request 7 of o/r.
set -euo pipefail
[ "$1" = api ] || { echo "gh $1 is not known here" >&2; exit 1; }
shift
method=GET jq=. body='' path=''
while [ $# -gt 0 ]; do
  case "$1" in
    --method) method=$2; shift 2 ;;
    --jq) jq=$2; shift 2 ;;
    --field) body=${2#body=@}; shift 2 ;;
    --paginate | --silent) shift ;;
    -*) echo "gh api has no $1 here" >&2; exit 1 ;;
    *) path=$1; shift ;;
  esac
done
comments=$STATE/comments.json
change() { jq --rawfile body "$body" "$@" "$comments" > "$comments.new" && mv "$comments.new" "$comments"; }
case "$method $path" in
  "GET repos/o/r/pulls/7/files") jq -r "$jq" "$STATE/files.json" ;;
  "GET repos/o/r/issues/7/comments") jq -r "$jq" "$comments" ;;
  "POST repos/o/r/issues/7/comments") change '. + [{id: (length + 100), user: {login: "github-actions[bot]"}, body: $body}]' ;;
  "PATCH repos/o/r/issues/comments/"*) change --arg id "${path##*/}" 'map(if (.id | tostring) == $id then .body = $body else . end)' ;;
  *) echo "gh: $method $path: not found" >&2; exit 1 ;;
esac
