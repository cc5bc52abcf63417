#!/usr/bin/env bash
# Builds the benches and prints one Markdown table of all they measure, on standard output.
#
#   tests/bench/run.sh                  everything; meant to take below 20 minutes on two quiet cores
#   tests/bench/run.sh --quick          a tenth of it, to see that all of it runs
#   tests/bench/run.sh --only NAME ...  these programs alone: first_sync resync latency burst
#                                       takeover footprint registries memory micro
#
# What a table of one machine and moment says is the ratio; leave the machine alone meanwhile.
# The exit code is 1 if something was lost, left over or did not come about. A missed aim is a
# "NO" in the table and no error.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/../.."

all=(first_sync resync latency burst takeover footprint registries memory micro)
options=()
chosen=()
while (($# > 0)); do
  case $1 in
    --quick) options+=(--quick) ;;
    --only)
      shift
      while (($# > 0)) && [[ $1 != --* ]]; do
        [[ " ${all[*]} " == *" $1 "* ]] || { echo "run.sh: no bench $1, but: ${all[*]}" >&2; exit 2; }
        chosen+=("$1")
        shift
      done
      continue
      ;;
    *) sed -n '2,/^set/{/^#/s/^# \?//p}' "$0" >&2; exit 2 ;;
  esac
  shift
done
((${#chosen[@]} > 0)) || chosen=("${all[@]}")

{
  tests/tools/packages.sh build
  if command -v ccache >/dev/null; then
    export DISPATCHER_COMPILER_LAUNCHER=ccache CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
  fi
  cmake --preset release
  cmake --build build/release -j "$(nproc)" --target benches
  tests/tools/fetch_consul.sh
} >&2
# A real Vulcand needs both; without them its rows say so.
if ETCD_BINARY=$(tests/tools/fetch_etcd.sh | tail -n 1) && tests/tools/fetch_vulcand.sh >&2; then
  export ETCD_BINARY
fi

code=0
began=$SECONDS
echo "| work | floor | here | ratio | aim | met |"
echo "|---|---|---|---|---|---|"
for name in "${chosen[@]}"; do
  one=$SECONDS
  "build/release/bin/bench_$name" --no-head "${options[@]}" || code=1
  echo "$name took $((SECONDS - one)) s" >&2
done
echo "All of it took $((SECONDS - began)) s" >&2
exit "$code"
