#!/bin/sh
# Unpacks Consul 1.8.7, as Debian 11 packages it, into build/consul/ and prints the
# path of the binary. Run again, it finds what is there and only prints the path.
set -eu

version=1.8.7
root=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd)
home=$root/build/consul
binary=$home/usr/bin/consul

fail() {
  echo "fetch_consul: $*" >&2
  exit 1
}

works() { [ -x "$binary" ] && "$binary" version 2>/dev/null | grep -q "^Consul v$version\b"; }

if ! works; then
  "$root/tests/tools/unpack.sh" bullseye consul "$home" >&2 || fail "Debian 11's could not be had"
  works || fail "$binary does not run as Consul $version"
fi
echo "$binary"
