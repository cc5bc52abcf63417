# shellcheck shell=bash
# shellcheck disable=SC2154  # $logs, $jobs and the array $wrap are the caller's
# Sourced by tests/run.sh: runs stages one after the other, counts what passed and
# failed, stops what is still running when the script ends.
#
# A stage is a command with a name. Its output goes to build/logs/NAME.log; the end
# of it is shown if the stage fails. A stage that runs suites counts their test
# cases; any other counts as one check.

passed=0
failed=0
skipped=0
failures=()
stage_group=""

# Every stage runs in a process group of its own, so that whatever it started goes
# with it, also on Ctrl-C and on SIGTERM.
set -m
end_stage() {
  if [[ -n $stage_group ]]; then
    kill -TERM -- "-$stage_group" 2>/dev/null || true
    stage_group=""
  fi
}
trap end_stage EXIT
trap 'echo; echo "interrupted"; exit 130' INT TERM HUP

# run_logged NAME COMMAND...: its exit code; the time it took in $took.
run_logged() {
  local name=$1 began=$SECONDS code=0
  shift
  printf '%-34s ' "$name"
  "$@" </dev/null >"$logs/$name.log" 2>&1 &
  stage_group=$!
  wait "$stage_group" || code=$?
  end_stage
  took=$((SECONDS - began))
  return "$code"
}

note_failure() {
  failures+=("$1: $logs/$1.log")
  # Other suites' lines may have pushed what failed out of the end.
  local seen='(: FAILED:$|(SUMMARY|WARNING): [A-Za-z]*Sanitizer)'
  if grep -Eq "$seen" "$logs/$1.log"; then
    echo "---- what failed in $logs/$1.log"
    grep -E -B 9 -A 7 "$seen" "$logs/$1.log" | head -n 80 | sed 's/^/  | /'
  fi
  echo "---- the end of $logs/$1.log"
  tail -n 40 "$logs/$1.log" | sed 's/^/  | /'
  echo "----"
}

# check NAME COMMAND...: a stage that counts as one.
check() {
  if run_logged "$@"; then
    passed=$((passed + 1))
    printf 'ok      %5d s\n' "$took"
  else
    failed=$((failed + 1))
    printf 'FAILED  %5d s\n' "$took"
    note_failure "$1"
    return 1
  fi
}

# check_or_skip NAME COMMAND...: a stage that may be impossible here; says so then.
check_or_skip() {
  if run_logged "$@"; then
    passed=$((passed + 1))
    printf 'ok      %5d s\n' "$took"
  else
    skipped=$((skipped + 1))
    printf 'skipped %5d s  %s\n' "$took" "$(tail -n 1 "$logs/$1.log")"
  fi
}

# skip NAME WHY: a stage that could not be run because one before it failed.
skip() {
  skipped=$((skipped + 1))
  printf '%-34s skipped (%s)\n' "$1" "$2"
}

# left_out NAME WHY: what this machine can't do, which is no fault.
left_out() { printf '%-34s left out: %s\n' "$1" "$2"; }

# count_suites NAME COMMAND...: a stage that runs suites, whose test cases count. A suite
# that ends without its own summary (crash, timeout, leak found at exit) counts as one
# failure on top of what it reported.
count_suites() {
  local name=$1 code=0 counts
  run_logged "$@" || code=$?
  counts=$(awk -f tests/tools/count_cases.awk "$logs/$name.log")
  local ok=${counts% *} bad=${counts#* }
  if ((code != 0 && bad == 0)); then
    bad=1
  fi
  passed=$((passed + ok))
  failed=$((failed + bad))
  if ((bad > 0)); then
    printf 'FAILED  %5d s  %d passed, %d failed\n' "$took" "$ok" "$bad"
    note_failure "$name"
  else
    printf 'ok      %5d s  %d cases\n' "$took" "$ok"
  fi
}

# suites NAME PRESET CTEST_ARGUMENT...: runs suites that are built.
suites() {
  local name=$1 preset=$2
  shift 2
  # One more than there are processors: several wait most of the time.
  count_suites "$name" "${wrap[@]}" ctest --test-dir "build/$preset" -V --no-tests=error -j "$((jobs + 1))" "$@"
}

# The last lines of the run, and its exit code.
summary() {
  echo
  if ((${#failures[@]} > 0)); then
    echo "Failed, with the log of each:"
    local failure
    for failure in "${failures[@]}"; do
      echo "  $failure"
      # Again, and short: of a long output often only the end is kept.
      awk -f tests/tools/failed_cases.awk "${failure#*: }" | head -n 40 | sed 's/^/    /'
    done
    echo
  fi
  echo "Took $((SECONDS / 60)) min $((SECONDS % 60)) s; logs are in $logs"
  local last="$passed passed, $failed failed"
  if ((skipped > 0)); then
    last+=", $skipped skipped"
  fi
  echo "$last"
  ((failed == 0 && skipped == 0))
}
