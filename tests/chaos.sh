#!/usr/bin/env bash
# Random harm for a long time, on what tests/run.sh has built.
#
#   tests/chaos.sh [SECONDS [SEED]]      an hour, a seed by chance
#
# Prints each storm with its seed and steps; ends at the first after which something is
# not as it should be, with the ends of all logs. SEED begins with that storm.
set -euo pipefail
cd "$(dirname "$0")/.."
export DISPATCHER_CHAOS_SECONDS=${1:-3600}
if [[ -n ${2:-} ]]; then
  export DISPATCHER_CHAOS_SEED=$2
fi
CONSUL_BINARY=$(tests/tools/fetch_consul.sh | tail -n 1)
export CONSUL_BINARY
exec build/release/bin/test_e2e "[.chaos]"
