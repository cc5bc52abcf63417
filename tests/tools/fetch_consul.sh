#!/bin/sh
# Unpacks Consul 1.8.7, as Debian 11 packages it, into build/consul/ and prints the
# path of the binary. Nothing is installed and no system source is touched: apt works
# on state of its own inside build/consul/, against the mirror that this machine's apt
# is set to use, and checks the archive's signature and every checksum as it always does.
#
# Run again, it finds what is there and only prints the path.
set -eu

version=1.8.7
release=bullseye
root=$(cd "$(dirname "$0")/../.." && pwd)
home=$root/build/consul
binary=$home/usr/bin/consul

fail() {
  echo "fetch_consul: $*" >&2
  exit 1
}

works() { [ -x "$binary" ] && "$binary" version 2>/dev/null | grep -q "^Consul v$version\b"; }

if ! works; then
  mirror=$("$root/tests/tools/mirror.sh") || fail "$release could not be looked for"

  apt_home=$home/apt
  mkdir -p "$apt_home/lists/partial" "$apt_home/cache/archives/partial" "$apt_home/parts"
  : >"$apt_home/status"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$apt_home/sources.list"
  set -- -qq -o "Dir::Etc::sourcelist=$apt_home/sources.list" -o "Dir::Etc::sourceparts=$apt_home/parts" \
    -o "Dir::Etc::preferencesparts=$apt_home/parts" -o "Dir::State=$apt_home" -o "Dir::State::lists=$apt_home/lists" \
    -o "Dir::State::status=$apt_home/status" -o "Dir::Cache=$apt_home/cache" -o "Acquire::Languages=none" \
    -o "APT::Sandbox::User=$(id -un)"
  apt-get "$@" update >&2 || fail "$release could not be read from the mirror"
  (cd "$apt_home" && rm -f ./*.deb && apt-get "$@" download consul) >&2 || fail "the package could not be downloaded"
  dpkg -x "$apt_home"/consul_*.deb "$home"
  rm -rf "$apt_home"
  works || fail "$binary does not run as Consul $version"
fi
echo "$binary"
