#!/bin/sh
# Unpacks docker compose 2, as Debian 13 packages it, into build/compose-v2/ and prints the
# path of the program, which runs alone and as a part of `docker`. Run again, it finds what
# is there and only prints the path.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd)
home=$root/build/compose-v2
binary=$home/usr/libexec/docker/cli-plugins/docker-compose

fail() {
  echo "fetch_compose: $*" >&2
  exit 1
}

works() { [ -x "$binary" ] && "$binary" version --short 2>/dev/null | grep -q '^2\.'; }

if ! works; then
  "$root/tests/tools/unpack.sh" trixie docker-compose "$home" >&2 || fail "Debian 13's could not be had"
  works || fail "$binary does not run as docker compose 2"
fi
echo "$binary"
