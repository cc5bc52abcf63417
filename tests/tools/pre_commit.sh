#!/usr/bin/env bash
# What every commit should pass, for the files that are to be committed; as a hook, too:
#
#   ln -s ../../tests/tools/pre_commit.sh .git/hooks/pre-commit
#
# Changes nothing. Exit code: 0 good, 1 not.
set -euo pipefail
cd "$(git rev-parse --show-toplevel)"

mapfile -t files < <(git diff --cached --name-only --diff-filter=ACMR)
if ((${#files[@]} == 0)); then
  echo "pre_commit: nothing is to be committed"
  exit 0
fi
bad=0
complain() {
  echo "pre_commit: $*"
  bad=1
}

sources=()
suites=()
for file in "${files[@]}"; do
  case $file in
    *.cc | *.h) sources+=("$file") ;;
    *.sh) bash -n "$file" || complain "$file is no shell" ;;
    specs/*.json | dispatcher/*.json | deploy/*.json)
      /usr/bin/python3 -m json.tool "$file" >/dev/null || complain "$file is no JSON" ;;
  esac
  # dispatcher/catalog/x.cc and tests/catalog/x_test.cc: test_catalog.
  case $file in
    dispatcher/marathon/codec/* | tests/marathon/codec/*) suites+=(codec) ;;
    dispatcher/marathon/* | tests/marathon/*) suites+=(marathon) ;;
    adapters/*) suites+=(contract) ;;
    specs/*) suites+=(specs) ;;
    tests/marathon_sim/*) suites+=(sim) ;;
    dispatcher/*/* | tests/*/*)
      room=${file#*/}
      suites+=("${room%%/*}") ;;
  esac
done

if ((${#sources[@]} > 0)); then
  clang-format-14 --dry-run -Werror "${sources[@]}" || complain "clang-format-14 -i puts the format right"
fi
tests/tools/check_style.sh || complain "rules are broken, see above"

if [[ -e build/release/build.ninja ]]; then
  # Of those names, the suites that there are.
  known=$(ninja -C build/release -t targets all | sed -n 's/^test_\([a-z0-9_]*\): phony$/\1/p')
  mapfile -t wanted < <(printf '%s\n' "${suites[@]}" | sort -u | grep -Fx -e "$known" || true)
  # These take longer than one waits for a commit.
  mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | grep -vxE 'e2e|page|property|schedule' || true)
  if ((${#wanted[@]} > 0)) && [[ -n ${wanted[0]} ]]; then
    echo "pre_commit: building and running ${wanted[*]}"
    cmake --build build/release --target "${wanted[@]/#/test_}" >build/pre_commit.log ||
      { tail -n 30 build/pre_commit.log; complain "the build fails"; }
    ((bad)) || ctest --test-dir build/release --output-on-failure -R "^($(IFS='|'; echo "${wanted[*]}"))\$" |
      tail -n 40 || complain "a suite fails"
  fi
fi
exit "$bad"
