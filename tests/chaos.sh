#!/usr/bin/env bash
# Random harm for a long time, on what tests/run.sh has built.
#
#   tests/chaos.sh [SECONDS [SEED]]                 an hour, a seed by chance
#   tests/chaos.sh --dispatchers [SECONDS [SEED]]   three dispatchers: one writes at a time
#
# Prints each storm with its seed and steps, and at the end a table: how often each harm
# struck, and the slowest recovery. Ends at the first storm after which something is not
# as it should be, with the ends of all logs and how to play it again. SEED begins with
# that storm.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/.."
what="[chaos]"
if [[ ${1:-} == --dispatchers ]]; then
  what="[.reign]"
  shift
fi
export DISPATCHER_CHAOS_SECONDS=${1:-3600}
export DISPATCHER_CHAOS_SEED=${2:-$((SRANDOM % 1000000000))}
CONSUL_BINARY=$(tests/tools/fetch_consul.sh | tail -n 1)
export CONSUL_BINARY
exec build/release/bin/test_e2e "$what"
