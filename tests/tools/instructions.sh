#!/usr/bin/env bash
# Counts the instructions that the hot paths take on inputs that are always the same, and
# compares them with tests/bench/instructions.txt: what got slower is seen on a busy machine, too.
#
#   instructions.sh           fails where a count differs by more than the tolerance: more is
#                             slower, and less is to be kept
#   instructions.sh --renew   writes the counts down as they are now; say why in the commit
#
# The counts belong to the preset release, GCC 12 and Debian 12's libraries; the tolerance is
# for their small updates. They need valgrind, and bench_micro built.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/../.."

tolerance=3 # percent
list=tests/bench/instructions.txt
program=build/release/bin/bench_micro
works=(decode merge snapshot plan)

# count WORK: of the work alone, without what prepares it. Addresses are not randomised, since
# Abseil's hashes begin with one; and memcpy and such are those of a plain x86-64 anywhere.
count() {
  GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX_Fast_Unaligned_Load,-ERMS \
    setarch -R valgrind --tool=callgrind --callgrind-out-file=/dev/null \
    --toggle-collect=DispatcherBenchCounted "$program" --no-head --count "$1" 2>&1 |
    awk '/Collected : /{found = $NF} {all = all $0 "\n"}
         END {if (found > 0) print found; else {printf "%s", all > "/dev/stderr"; exit 1}}'
}

if [[ ${1:-} == --renew ]]; then
  for work in "${works[@]}"; do
    echo "$work $(count "$work")"
  done >"$list.new"
  mv "$list.new" "$list"
  cat "$list"
  exit
fi

code=0
for work in "${works[@]}"; do
  known=$(awk -v work="$work" '$1 == work {print $2}' "$list")
  now=$(count "$work")
  awk -v work="$work" -v known="${known:-0}" -v now="$now" -v tolerance="$tolerance" 'BEGIN {
    change = known > 0 ? 100 * (now - known) / known : 100
    bad = change > tolerance || change < -tolerance
    printf "%-10s %12d instructions, %12d known: %+.2f %%%s\n", work, now, known, change,
      bad ? (change > 0 ? "  TOO MANY" : "  fewer: keep that") : ""
    exit bad
  }' || code=1
done
if ((code != 0)); then
  echo "Beyond $tolerance %: find out why, or if it has to be, $0 --renew"
fi
exit "$code"
