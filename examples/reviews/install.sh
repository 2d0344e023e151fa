#!/usr/bin/env bash
# Installs resetplan into a folder: the release that checksums.txt lists for this system.
#
#   install.sh FOLDER
#
# checksums.txt is the file of that name of a release, next to this script: the only place
# that names the version, and what the archive is checked against.
set -euo pipefail

RELEASES=${RESETPLAN_RELEASES:-https://github.com/resetplan/resetplan/releases/download} # or a mirror
sums=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/checksums.txt
folder=${1:?the folder to install resetplan into}

os=$(uname -s | tr '[:upper:]' '[:lower:]')
arch=$(uname -m | sed 's/^x86_64$/amd64/; s/^aarch64$/arm64/')
name=$(sed -nE "s/^[0-9a-f]{64} [ *](resetplan_[0-9][0-9A-Za-z.+-]*_${os}_${arch}\.tar\.gz)$/\1/p" "$sums")
if [ -z "$name" ]; then
  echo "$sums has no archive for $os $arch: replace it with the file of that name of a release" >&2
  exit 1
fi
version=${name#resetplan_}
version=${version%"_${os}_${arch}.tar.gz"}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
curl --silent --show-error --fail --location --retry 4 --output "$work/$name" "$RELEASES/v$version/$name"
(cd "$work" && grep " [ *]$name\$" "$sums" | sha256sum --check --quiet -)
mkdir -p "$folder"
tar -xzf "$work/$name" -C "$folder" resetplan
if [ -n "${GITHUB_PATH:-}" ]; then (cd "$folder" && pwd) >> "$GITHUB_PATH"; fi
