#!/usr/bin/env bash
# What reset.sh needs to know about GitHub. Its job sets BRANCH and GITHUB_TOKEN, which
# may read commits and write comments.
# shellcheck disable=SC2034 # reset.sh uses the variables
: "${BRANCH:?the name of the main branch}"
JOB=${GITHUB_SERVER_URL:?}/${GITHUB_REPOSITORY:?}/actions/runs/${GITHUB_RUN_ID:?}
SIGN='#'
REPO=${GITHUB_API_URL:?}/repos/$GITHUB_REPOSITORY

header() { printf 'Authorization: Bearer %s' "$GITHUB_TOKEN"; }

comments() { # REQUEST: our comments with the time of their last edit, the oldest first
  pages "$REPO/issues/$1/comments?" | jq --arg me "${RESETPLAN_BOT:-github-actions[bot]}" \
    '[.[] | select(.user.login == $me) | {id, body, at: .updated_at}] | sort_by(.id)'
}

request_of() { # COMMIT: the merged request that brought it to the main branch, and the time of the merge
  pages "$REPO/commits/$1/pulls?" | jq --raw-output --arg commit "$1" --arg branch "$BRANCH" \
    'map(select(.merged_at and .base.ref == $branch)) | sort_by(.merge_commit_sha != $commit) | .[0] // empty | "\(.number) \(.merged_at)"'
}

post() { call POST "$REPO/issues/$1/comments" "$2"; }  # REQUEST FILE
edit() { call PATCH "$REPO/issues/comments/$2" "$3"; } # REQUEST ID FILE
