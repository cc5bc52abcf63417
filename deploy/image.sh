#!/usr/bin/env bash
# Builds the image dispatcher:VERSION, also tagged dispatcher:local:
#
#   deploy/image.sh
#
# on what deploy/base.sh finds or makes. $DOCKER_BUILD_OPTIONS are given to `docker build`.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/.."

out=$PWD/build/image
mkdir -p "$out"
base_version=$(sed -n 's/^project(dispatcher VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
cmake -D SOURCE="$PWD" -D OUT="$out" -D BASE="$base_version" -P deploy/package/version.cmake
version=$(<"$out/version.txt")
tag=${version//+/-}  # a tag can't have a plus

base=$(deploy/base.sh)
# shellcheck disable=SC2086  # several options
docker build ${DOCKER_BUILD_OPTIONS:-} -f deploy/Dockerfile --build-arg "BASE=$base" --build-arg "VERSION=$version" \
  -t "dispatcher:$tag" -t dispatcher:local .
echo "dispatcher:$tag"
