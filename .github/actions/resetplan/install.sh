#!/usr/bin/env bash
# Downloads the release RESETPLAN_VERSION for this runner, verifies it and adds it to
# the PATH. Nothing is unpacked before its checksum is right.
set -euo pipefail

fail() {
  echo "::error title=resetplan::$*"
  exit 1
}

version=${RESETPLAN_VERSION#v}
case $version in
'' | *[!0-9A-Za-z.-]*) fail "version: \"$RESETPLAN_VERSION\" is not a release; use one such as v0.1.0" ;;
esac
case $RUNNER_OS in
Linux) os=linux kind=tar.gz ;;
macOS) os=darwin kind=tar.gz ;;
Windows) os=windows kind=zip ;;
*) fail "there is no release for $RUNNER_OS; build resetplan with \`go install\`" ;;
esac
case $RUNNER_ARCH in
X64) arch=amd64 ;;
ARM64) arch=arm64 ;;
*) fail "there is no release for $RUNNER_OS on $RUNNER_ARCH; build resetplan with \`go install\`" ;;
esac
case $RESETPLAN_BASE_URL in
https://*) only='=https' ;;
http://127.0.0.1:*) only='=http' ;;
*) fail "base-url: $RESETPLAN_BASE_URL is not an https address; use a mirror with https" ;;
esac
case $RESETPLAN_ATTESTATION in
auto | require | skip) ;;
*) fail "attestation: \"$RESETPLAN_ATTESTATION\" is not valid; use auto, require or skip" ;;
esac

folder=$RUNNER_TEMP/resetplan-$version
mkdir -p "$folder"
cd "$folder"
archive=resetplan_${version}_${os}_$arch.$kind

download() {
  curl --fail --silent --show-error --location --proto "$only" --retry 3 --connect-timeout 20 --max-time 300 --output "$1" \
    "${RESETPLAN_BASE_URL%/}/v$version/$1" 2>messages ||
    fail "cannot download $1 of release v$version from $RESETPLAN_BASE_URL: $(tr '\n' ' ' <messages); check that the release exists, then run the job again"
}
sum() {
  if command -v sha256sum >/dev/null; then sha256sum <"$1"; else shasum -a 256 <"$1"; fi | cut -d ' ' -f 1
}

download checksums.txt
download "$archive"
want=$(awk -v name="$archive" '$2 == name {print $1}' checksums.txt)
got=$(sum "$archive")
[ -n "$want" ] || fail "checksums.txt of release v$version does not list $archive; check the version"
[ "$got" = "$want" ] ||
  fail "$archive has the SHA-256 $got, and checksums.txt has $want: the download is incomplete or was changed; run the job again"
[ -z "$RESETPLAN_SHA256" ] || [ "$got" = "$RESETPLAN_SHA256" ] ||
  fail "$archive has the SHA-256 $got, and the input sha256 is $RESETPLAN_SHA256; find out why the release differs before you change the input"

if [ "$RESETPLAN_ATTESTATION" != skip ] && command -v gh >/dev/null; then
  gh attestation verify "$archive" --repo resetplan/resetplan --signer-workflow resetplan/resetplan/.github/workflows/release.yml >messages 2>&1 ||
    fail "the provenance of $archive cannot be verified: $(tr '\n' ' ' <messages); use another release, or set attestation to skip"
  echo "The provenance of $archive is verified."
elif [ "$RESETPLAN_ATTESTATION" = require ]; then
  fail "gh is not installed, so the provenance of $archive cannot be verified; install gh, or set attestation to auto"
else
  echo "The provenance of $archive is not verified."
fi

case $kind in
zip) unzip -oq "$archive" resetplan.exe >messages 2>&1 ;;
*) tar -xzf "$archive" resetplan 2>messages ;;
esac || fail "$archive cannot be unpacked: $(tr '\n' ' ' <messages)"
installed=$(./resetplan version) || fail "the program in $archive does not run on this machine"
[ "$installed" = "resetplan v$version" ] || fail "the program in $archive is $installed, not v$version; use another release"

rm -f "$archive" checksums.txt messages
echo "$folder" >>"$GITHUB_PATH"
printf 'version=v%s\npath=%s\n' "$version" "$folder" >>"$GITHUB_OUTPUT"
echo "Installed $installed in $folder"
