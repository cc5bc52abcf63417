#!/usr/bin/env bash
# Can a Docker engine be had on this machine? Exit code 0 if one answers, or starts and ends.
set -euo pipefail
cd "$(dirname "$0")/../.."

run=$PWD/build/compose
mkdir -p "$run/logs"
. deploy/compose/engine.sh
tests/tools/packages.sh docker
trap stop_engine EXIT
start_engine
