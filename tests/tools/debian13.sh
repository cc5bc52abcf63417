#!/usr/bin/env bash
# Builds the dispatcher and the unit suites on Debian 13, in a root of its own, and runs
# them: GCC 14, Catch2 3, cpp-httplib 0.18. Not optimised, because time is what it costs.
#
#   debian13.sh [SUITE...]     default: those of the rooms, each test_SUITE
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/../.."

suites=("$@")
if ((${#suites[@]} == 0)); then
  suites=(base model net codec marathon catalog recording statics reconcile engine leader config admin commands world)
fi
tests/tools/packages.sh package
root=build/roots/trixie-build
tests/tools/debian_root.sh trixie "$root" build/roots/trixie
mkdir -p build/debian13
folders=("$PWD:/source:ro" "$PWD/build/debian13:/source/build/debian13")
launcher=()
if command -v ccache >/dev/null; then
  folders+=("$(ccache -k cache_dir):/ccache")
  launcher=(CCACHE_DIR=/ccache DISPATCHER_COMPILER_LAUNCHER=ccache)
fi
inside() { tests/tools/in_root.sh "$root" "${folders[@]}" -- "$@"; }

inside /source/tests/tools/packages.sh build
if ((${#launcher[@]} > 0)); then
  inside sh -c 'command -v ccache >/dev/null || apt-get install -qy --no-install-recommends ccache'
fi
# shellcheck disable=SC2016  # the shell inside expands it
inside env "${launcher[@]}" bash -euo pipefail -c '
  cd /source
  cmake --preset dev -B build/debian13 -DCMAKE_UNITY_BUILD=ON -DCMAKE_CXX_FLAGS_DEBUG=-O0
  cmake --build build/debian13 -j "$(nproc)" --target dispatcher "$@"
' debian13 "${suites[@]/#/test_}"
tests/tools/in_root.sh --alone "$root" "${folders[@]}" -- ctest --test-dir /source/build/debian13 -V --no-tests=error \
  -j "$(nproc)" -R "^($(IFS='|'; echo "${suites[*]}"))\$"
