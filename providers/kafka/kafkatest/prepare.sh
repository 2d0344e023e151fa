#!/usr/bin/env bash
# Fetches the jars of a real Kafka and compiles the Java beside this script,
# into the folder given. kafkatest finds them there and fails if they are
# missing or of another pom.xml.
set -euo pipefail
into=${1:?usage: prepare.sh FOLDER [oldest]}
here=$(cd "$(dirname "$0")" && pwd)
release=()
if [ "${2:-}" = oldest ]; then
  release=("-Dkafka.version=$(sed -nE 's|.*<kafka.oldest>(.+)</kafka.oldest>.*|\1|p' "$here/pom.xml")")
fi

for command in java javac mvn; do
  command -v "$command" >/dev/null || {
    echo "prepare.sh: $command is missing: a real Kafka needs a JDK of at least 17 and Maven" >&2
    exit 1
  }
done

rm -rf "$into"
mkdir -p "$into/jars" "$into/classes"
mvn --batch-mode --quiet --file "$here/pom.xml" "${release[@]}" dependency:copy-dependencies \
  -DincludeScope=runtime -DoutputDirectory="$(cd "$into" && pwd)/jars"
javac -Xlint:all,-processing,-path -cp "$into/jars/*" -d "$into/classes" "$here"/jvm/*.java
cp "$here/jvm/log4j2.properties" "$into/classes/"
cat "$here/pom.xml" "$here"/jvm/* >"$into/made-from" # last: a folder without it is unfinished
