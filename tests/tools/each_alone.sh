#!/usr/bin/env bash
# Every file as a unit of its own, which the other builds' batches don't ask for: checked, not
# compiled. What changed since the last time is looked at again.
#
# absl/status, and Catch in tests, are half of what there is to parse: they are parsed once, for
# those files that include them anyway, so that a file that forgot a header is found all the same.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/../.."
build=$PWD/build/alone
status=absl/status/statusor.h
export PARSED=$build/parsed
checker=$PWD/tests/tools/syntax_only.sh

DISPATCHER_COMPILER_LAUNCHER=$checker cmake --preset dev -B "$build" -DCMAKE_CXX_LINKER_LAUNCHER="$checker"
mkdir -p "$PARSED"
tests/tools/reaching.py $status >"$PARSED/sources"
echo "#include <$status>" >"$PARSED/status.h"
printf '#include <%s>\n' "$status" tests/support/catch.h >"$PARSED/tests.h"
# As every source is compiled; another's defines do no harm.
as=$(sed -n 's/^ *"command": "\([^"]*c++ .*\) -o .*dispatcher\/catalog\/app[.]cc.*/\1/p' "$build/compile_commands.json")
for header in status tests; do
  eval "$as" '-x c++-header -o "$PARSED/$header.h.gch" "$PARSED/$header.h"'
done
cmake --build "$build" -j "$(nproc)" --target all
