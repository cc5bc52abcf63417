#!/bin/sh
# Unpacks this Debian's etcd-server into build/etcd/ and prints the path of the binary.
# Nothing is installed: the package would start a service of its own.
#
# Run again, it finds what is there and only prints the path.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd)
home=$root/build/etcd
binary=$home/usr/bin/etcd

fail() {
  echo "fetch_etcd: $*" >&2
  exit 1
}

works() { [ -x "$binary" ] && "$binary" --version 2>/dev/null | grep -q '^etcd Version: 3'; }

if ! works; then
  mkdir -p "$home"
  (cd "$home" && rm -f ./*.deb && apt-get -qq -o "APT::Sandbox::User=$(id -un)" download etcd-server) >&2 ||
    fail "the package could not be downloaded; apt-get update may help"
  dpkg -x "$home"/etcd-server_*.deb "$home"
  rm -f "$home"/*.deb
  works || fail "$binary does not run as etcd 3"
fi
echo "$binary"
