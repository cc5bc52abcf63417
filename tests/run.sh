#!/usr/bin/env bash
# Builds the dispatcher and tests it; needs Debian 12 and nothing else.
#
#   tests/run.sh          every suite in a release build, the unit suites under ASan, one
#                         Marathon version end to end against a real Consul
#   tests/run.sh --full   besides: the contract under ASan, TSan, fuzzers, clang-tidy with
#                         thread-safety analysis, format, style, each file by itself, every
#                         Marathon version end to end, tasks on networks of their own, the
#                         page in a headless Chromium, the instructions that the hot paths
#                         take, and what is shipped
#   tests/run.sh --ship   what is shipped, alone: the Debian package installed, run and
#                         removed, the unit suites on Debian 13, the image and the chain
#                         in containers (all of which need root)
#
# Installs the Debian packages it lacks (by apt-get, with sudo unless run as root).
# Everything it builds and logs is under build/; it can be run again at any time and
# goes on from what is built. The last line is "N passed, N failed"; the exit code
# says the same.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/.."

full=false
ship=false
case "${1:-}" in
  "") ;;
  --full) full=true ;;
  --ship) ship=true ;;
  *) sed -n '2,/^set/{/^#/s/^# \?//p}' "$0"; exit 2 ;;
esac

logs=$PWD/build/logs
jobs=$(nproc)
wrap=()
mkdir -p "$logs"
. tests/tools/stages.sh

if command -v ccache >/dev/null; then
  # Another checkout's objects serve too.
  export DISPATCHER_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
fi
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS='halt_on_error=1 second_deadlock_stack=1'

# build PRESET TARGET...: configures and builds only what is asked for.
build() {
  local preset=$1
  shift
  cmake --preset "$preset" && cmake --build "build/$preset" -j "$jobs" --target "$@"
}

# Files of ours, whether or not this is a git checkout.
sources() { find dispatcher adapters tests \( -name '*.cc' -o -name '*.h' \) -print0 | sort -z; }

check_format() { sources | xargs -0 clang-format-14 --dry-run -Werror; }

# A room or suite is one unit, so that its headers are walked once, not by file:
# that every file stands alone is what each-alone shows. Each file is looked at once:
# fuzzed and catalog_planted compile again what is in the rooms' own libraries, the
# latter with single expressions changed by the build.
check_tidy() {
  cmake --preset clang -B build/tidy -DDISPATCHER_BATCH=100 &&
    sed -n 's/^ *"file": "\(.*\)",\?$/\1/p' build/tidy/compile_commands.json |
    grep -vE '/(fuzzed|catalog_planted)\.dir/' | sort -u |
    xargs -d '\n' -P "$jobs" -n 1 tests/tools/tidy_unit.sh build/tidy
}

# e2e NAME PRESET PROFILES
e2e() {
  DISPATCHER_E2E_PROFILES=$3 suites "$1" "$2" -L e2e
}

# What is shipped: ship [BUILD], a folder with a build of the program, if there is one.
ship() {
  if [[ $(id -u) != 0 ]]; then
    left_out "debian-package, debian-13, compose" "they need root"
    return
  fi
  check debian-package tests/tools/debian_package.sh "$@" || true
  # Its suites' cases count.
  count_suites debian-13 tests/tools/debian13.sh
  if run_logged engine deploy/demo-compose.sh --can; then
    printf 'ok      %5d s\n' "$took"
    check compose deploy/demo-compose.sh || true
  else
    left_out compose "no Docker engine can be started here: $logs/engine.log"
  fi
}

if $ship; then
  echo "What is shipped; logs are in $logs"
  check packages tests/tools/packages.sh package || { summary || exit 1; }
  ship
  summary
  exit
fi
if $full; then echo "Full run; logs are in $logs"; else echo "Normal run; logs are in $logs"; fi
check packages tests/tools/packages.sh "$($full && echo full || echo tests)" || { summary || exit 1; }
check consul tests/tools/fetch_consul.sh || true
if check etcd tests/tools/fetch_etcd.sh; then
  ETCD_BINARY=$(tail -n 1 "$logs/etcd.log")
  export ETCD_BINARY
fi
if check prometheus tests/tools/fetch_prometheus.sh; then
  PROMETHEUS_BINARY=$(tail -n 1 "$logs/prometheus.log")
  export PROMETHEUS_BINARY
fi
# Without it, its model serves alone.
check_or_skip vulcand tests/tools/fetch_vulcand.sh

if check build-release build release dispatcher marathon_sim suites_unit suites_property suites_contract suites_e2e; then
  suites release release -L 'unit|property|contract'
  if $full; then
    e2e e2e release "1.1 1.3 1.4 1.6 1.8 1.10"
    if why=$(tests/overlay.sh --can 2>&1); then
      check overlay tests/overlay.sh || true
    else
      left_out overlay "${why##*$'\n'}"
    fi
  else
    e2e e2e release 1.8
  fi
else
  skip release "no build"
  skip e2e "no build"
fi
# The searches of `property` and `schedule` go through code that the unit suites go through, for
# ten times as long; what only a search finds in its memory, the fuzzer of `schedule` does, under ASan.
under_asan=unit
asan_targets=(suites_unit)
if $full; then
  under_asan='unit|contract'
  asan_targets+=(suites_contract)
fi
if check build-asan build asan "${asan_targets[@]}"; then
  suites asan asan -L "$under_asan"
else
  skip asan "no build"
fi

if $full; then
  if check build-page build release suites_page; then
    suites page release -L page
  else
    skip page "no build"
  fi
  if check build-micro build release bench_micro; then
    check instructions tests/tools/instructions.sh || true
  else
    skip instructions "no build"
  fi
  check style tests/tools/check_style.sh || true
  check format check_format || true
  if check build-tsan build tsan dispatcher marathon_sim suites_threads suites_e2e; then
    # GCC 12's TSan can't place its shadow under the widest address randomisation.
    if setarch -R true 2>/dev/null; then wrap=(setarch -R); fi
    suites tsan tsan -L threads
    TSAN_OPTIONS="$TSAN_OPTIONS suppressions=$PWD/tests/tools/tsan.supp" \
      check tsan-e2e "${wrap[@]}" build/tsan/bin/test_e2e '[lifecycle]' || true
    wrap=()
  else
    skip tsan "no build"
  fi
  # What Clang says of all else, of its threads' locks above all, clang-tidy says.
  if check build-clang build clang suites_fuzz; then
    suites fuzzers clang -L fuzz
  else
    skip fuzzers "no build"
  fi
  check each-alone tests/tools/each_alone.sh || true
  check clang-tidy check_tidy || true
  ship build/release
fi

summary
