#!/bin/sh
# Prints the path of a prometheus with its promtool beside it: the installed one, else
# this Debian's, unpacked into build/prometheus/. Nothing is installed: the package would
# start services of its own.
#
# Run again, it finds what is there and only prints the path.
set -eu

root=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd)
home=$root/build/prometheus

fail() {
  echo "fetch_prometheus: $*" >&2
  exit 1
}

# works DIRECTORY
works() {
  [ -x "$1/promtool" ] && "$1/prometheus" --version 2>&1 | grep -q '^prometheus, version 2\.'
}

for directory in "$home/usr/bin" /usr/bin; do
  if works "$directory"; then
    echo "$directory/prometheus"
    exit 0
  fi
done
mkdir -p "$home"
(cd "$home" && rm -f ./*.deb && apt-get -qq -o "APT::Sandbox::User=$(id -un)" download prometheus) >&2 ||
  fail "the package could not be downloaded; apt-get update may help"
dpkg -x "$home"/prometheus_*.deb "$home"
rm -f "$home"/*.deb
works "$home/usr/bin" || fail "$home/usr/bin/prometheus does not run as Prometheus 2"
echo "$home/usr/bin/prometheus"
