#!/bin/sh
# Builds Vulcand 0.9.2 into build/vulcand/bin/ with this machine's Go, or Debian 12's
# where it has none, and the module proxy that Go is set to use; prints the path of the
# binary. Nothing is installed: Debian's packages are unpacked, and the module and build
# caches kept, inside build/vulcand/, all of it removed at the end.
#
# The module is downloaded and built in its own folder, so that its own go.sum holds for
# every library. `go install module@version` does the same, but asks for the list of all
# versions first, which not every proxy gives.
#
# Run again, it finds what is there and only prints the path.
set -eu

module=github.com/vulcand/vulcand
version=v0.9.2
root=$(CDPATH='' cd "$(dirname "$0")/../.." && pwd)
home=$root/build/vulcand
binary=$home/bin/vulcand

fail() {
  echo "fetch_vulcand: $*" >&2
  echo "fetch_vulcand: no real Vulcand; the tests use the model alone" >&2
  exit 1
}

# Without arguments it would try to reach an etcd: -h prints its flags and ends.
works() { [ -x "$binary" ] && "$binary" -h 2>&1 | grep -q 'etcdApiVer'; }

debians_go() {
  (mkdir -p "$home/debian" && cd "$home/debian" &&
    apt-get -qq -o "APT::Sandbox::User=$(id -un)" download golang-1.19-go golang-1.19-src &&
    for package in ./*.deb; do dpkg -x "$package" . || exit 1; done) >&2 || return 1
  export GOROOT="$home/debian/usr/lib/go-1.19"
  go=$GOROOT/bin/go
}

if ! works; then
  go=$(command -v go || true)
  if [ -z "$go" ] && [ -x /usr/local/go/bin/go ]; then go=/usr/local/go/bin/go; fi
  [ -n "$go" ] || debians_go || fail "no Go toolchain here, and Debian's could not be downloaded"
  export GOPATH="$home/gopath" GOCACHE="$home/gocache" GOFLAGS="-modcacherw -buildvcs=false"
  mkdir -p "$home/bin"
  "$go" mod download "$module@$version" >&2 ||
    fail "the module proxy ($("$go" env GOPROXY)) does not give $module $version"
  (cd "$GOPATH/pkg/mod/$module@$version" && "$go" build -mod=readonly -o "$binary" .) >&2 ||
    fail "$module $version, or one of its libraries, could not be had or built with $("$go" version)"
  works || fail "$binary does not run"
  rm -rf "$home/gocache" "$home/gopath" "$home/debian"
fi
echo "$binary"
