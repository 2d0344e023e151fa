#!/usr/bin/env bash
# What reset.sh needs to know about GitLab. Its job has RESETPLAN_TOKEN (scope api), whose
# user writes the notes; notes of other users are ignored.
# shellcheck disable=SC2034 # reset.sh uses the variables
BRANCH=${CI_DEFAULT_BRANCH:?}
JOB=${CI_JOB_URL:?}
SIGN='!'
REPO=${CI_API_V4_URL:?}/projects/${CI_PROJECT_ID:?}

header() { printf 'PRIVATE-TOKEN: %s' "$RESETPLAN_TOKEN"; }

comments() { # REQUEST: our notes with the time of their last edit, the oldest first
  local me
  me=$(call GET "$CI_API_V4_URL/user" | jq .id) || return
  pages "$REPO/merge_requests/$1/notes?sort=asc&" | jq --argjson me "$me" \
    '[.[] | select(.author.id == $me) | {id, body, at: .updated_at}] | sort_by(.id)'
}

request_of() { # COMMIT: the merged request that brought it to the main branch, and the time of the merge
  pages "$REPO/repository/commits/$1/merge_requests?" | jq --raw-output --arg commit "$1" --arg branch "$BRANCH" \
    'map(select(.state == "merged" and .target_branch == $branch)) | sort_by(.merge_commit_sha != $commit) | .[0] // empty | "\(.iid) \(.merged_at)"'
}

post() { call POST "$REPO/merge_requests/$1/notes" "$2"; }  # REQUEST FILE
edit() { call PUT "$REPO/merge_requests/$1/notes/$2" "$3"; } # REQUEST ID FILE
