#!/usr/bin/env bash
# Installs the Debian 12 packages that a task needs; does nothing, and needs no
# network, where they are all there.
#   packages.sh build|package|docker|tests|overlay|full|demo
set -euo pipefail

build=(g++ cmake ninja-build pkg-config openssl ca-certificates libabsl-dev libcpp-httplib-dev libssl-dev libspdlog-dev
       libyaml-cpp-dev nlohmann-json3-dev prometheus-cpp-dev catch2)
# A client of Marathon that the stand-in is tried with, what holds JSON against a schema,
# and a wall clock that steps.
tests=("${build[@]}" python3-marathon python3-jsonschema libfaketime)

# The Debian package; roots to try it in, and Debian 13.
package=("${build[@]}" dpkg-dev file python3 git debootstrap iproute2 man-db systemd)
# A Docker engine and what drives it; roots in place of images that can't be pulled.
docker=(docker.io docker-compose iptables curl jq debootstrap iproute2)

# Network namespaces, and what asks in them.
overlay=(iproute2 curl jq bind9-dnsutils)

case "${1:-}" in
  build) wanted=("${build[@]}") ;;
  package) wanted=("${package[@]}") ;;
  docker) wanted=("${docker[@]}") ;;
  tests) wanted=("${tests[@]}") ;;
  overlay) wanted=("${overlay[@]}") ;;
  full) wanted=("${tests[@]}" "${overlay[@]}" clang-14 libclang-rt-14-dev clang-tidy-14 clang-format-14 chromium chromium-driver
                 valgrind) ;;
  demo) wanted=("${build[@]}" curl jq bind9-dnsutils) ;;
  *) echo "usage: $0 build|package|docker|tests|overlay|full|demo" >&2; exit 2 ;;
esac

missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
done
if ((${#missing[@]} == 0)); then
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "packages.sh: not a Debian system; please install what these packages hold: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "packages.sh: run as root, or install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "Installing Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 update -q
"${as_root[@]}" apt-get -o DPkg::Lock::Timeout=300 install -q -y --no-install-recommends "${missing[@]}"
