#!/usr/bin/env bash
# Builds the image dispatcher:VERSION, also tagged dispatcher:local:
#
#   deploy/image.sh
#
# Where debian:trixie-slim can't be pulled, a root made by debootstrap stands in for it
# (needs root). $DOCKER_BUILD_OPTIONS are given to `docker build`.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$PWD/build/image
base=debian:trixie-slim
mkdir -p "$out"
base_version=$(sed -n 's/^project(dispatcher VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
cmake -D SOURCE="$PWD" -D OUT="$out" -D BASE="$base_version" -P deploy/package/version.cmake
version=$(<"$out/version.txt")
tag=${version//+/-}  # a tag can't have a plus

if ! docker image inspect "$base" >/dev/null 2>&1 && ! docker pull -q "$base"; then
  echo "image: $base can't be pulled: making one by debootstrap"
  base=dispatcher-base:trixie
  if ! docker image inspect "$base" >/dev/null 2>&1; then
    tests/tools/packages.sh package
    tests/tools/debian_root.sh trixie build/roots/trixie
    # What the real one leaves out, too.
    tar -C build/roots/trixie --one-file-system -c --exclude='./var/cache/apt/*' --exclude='./var/lib/apt/lists/*' \
      --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' . |
      docker import -c 'CMD ["bash"]' - "$base" >/dev/null
  fi
fi
# shellcheck disable=SC2086  # several options
docker build ${DOCKER_BUILD_OPTIONS:-} -f deploy/Dockerfile --build-arg "BASE=$base" --build-arg "VERSION=$version" \
  -t "dispatcher:$tag" -t dispatcher:local .
echo "dispatcher:$tag"
