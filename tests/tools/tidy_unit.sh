#!/usr/bin/env bash
# tidy_unit.sh BUILD FILE: clang-tidy over one unit, a finding is an error.
#
# A batch of a unity build includes .cc files, which is its purpose. The static analyzer
# walks the paths of the product; in tests the branches of Catch's assertions are most of
# what it finds to walk, for as much time as all else together.
set -euo pipefail
checks=-bugprone-suspicious-include
case $2 in
  */test_*.dir/* | *_test.cc) checks+=,-clang-analyzer-* ;;
esac
exec clang-tidy-14 -p "$1" --quiet --warnings-as-errors='*' --checks="$checks" \
  --header-filter='/(dispatcher|adapters|tests)/.*' "$2"
