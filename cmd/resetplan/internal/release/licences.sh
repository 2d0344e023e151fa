#!/usr/bin/env bash
# licences.sh FOLDER writes what is linked into the program on any of its systems, and
# under which licences: licences.md, a table, and THIRD_PARTY_LICENSES.txt, the texts and
# notices that each copy of the program has to contain. It fails if a licence is not one
# of those allowed below. go-licenses has to be in the PATH.
set -euo pipefail
out=$(mkdir -p "$1" && cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../../../.."

# Licences under which code may be linked into a program under the Apache License 2.0.
# MPL-2.0 requires that each copy says how to get the source of that code: the texts do.
allowed='Apache-2.0 MIT BSD-2-Clause BSD-3-Clause ISC MPL-2.0 Unlicense'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
rule=------------------------------------------------------------------------------
printf '{{range .}}{{.Name}}\t{{.Version}}\t{{.LicenseName}}\t{{.LicensePath}}\n{{end}}' > "$work/template"
running=()
for system in linux darwin windows; do
  GOOS=$system CGO_ENABLED=0 GOFLAGS=-tags=urfave_cli_no_docs go-licenses report --template "$work/template" ./cmd/resetplan \
    >"$work/code.$system" 2>"$work/messages.$system" &
  running+=($!)
done
for process in "${running[@]}"; do
  wait "$process" || { cat "$work"/messages.* >&2; exit 1; }
done
cat "$work"/code.* | awk -F '\t' '$1 != "github.com/resetplan/resetplan"' | LC_ALL=C sort -u > "$work/code"
[ -s "$work/code" ] || { echo "go-licenses found no dependency" >&2; exit 1; }

while IFS=$'\t' read -r name _ licence _; do
  case " $allowed " in
  *" $licence "*) ;;
  *) echo "$name has the licence $licence, which is not allowed; replace $name, or extend the list in ${BASH_SOURCE[0]}" >&2; exit 1 ;;
  esac
done < "$work/code"

{
  cat <<'END'
# Licences of the dependencies

`make licences` writes this page: the code that is linked into `resetplan` on Linux, macOS or Windows, and its licences. Each is
compatible with the Apache License 2.0 of this project. Archives and packages contain the full texts in `THIRD_PARTY_LICENSES.txt`,
and the SBOM of each platform lists the versions.

| code | licence |
|---|---|
| Go's standard library | BSD-3-Clause |
END
  awk -F '\t' '{print "| " $1 " | " $3 " |"}' "$work/code" | uniq
} > "$out/licences.md"

{ # each text once, with the names of the code that it belongs to
  printf '%s\t%s\n' "Go's standard library" "$(go env GOROOT)/LICENSE"
  while IFS=$'\t' read -r name _ _ licence; do
    find "$(dirname "$licence")" -maxdepth 1 -type f -regextype egrep \
      -iregex '.*/[^/]*(licen[sc]e|notice|copying|copyright|patents)[^/]*' ! -name '*.go' -printf "$name\t%p\n" | LC_ALL=C sort
  done < "$work/code"
} | while IFS=$'\t' read -r name file; do
  printf '%s\t%s\t%s\n' "$(sha256sum < "$file" | cut -d ' ' -f 1)" "$name" "$file"
done > "$work/texts"
{
  printf '%s\n' 'Licences of the code that is linked into resetplan, which itself is under the Apache' \
    'License 2.0. The source of each version is at https://pkg.go.dev/NAME@VERSION.' ''
  awk -F '\t' '{print $1 " " $2 " (" $3 ")"}' "$work/code" | uniq
  while read -r sum; do
    printf '\n%s\n' "$rule"
    awk -F '\t' -v sum="$sum" '$1 == sum {print $2}' "$work/texts" | uniq
    printf '\n'
    cat "$(awk -F '\t' -v sum="$sum" '$1 == sum {print $3; exit}' "$work/texts")"
  done < <(awk -F '\t' '!seen[$1]++ {print $1}' "$work/texts")
} > "$out/THIRD_PARTY_LICENSES.txt"
