#!/usr/bin/env bash
# Compiles and links nothing: a launcher of both that has a source checked only, with every
# warning, and leaves an empty file. For builds that ask whether each file stands alone.
# Precompiled headers are made, for they serve the checks.
set -euo pipefail
if [[ " $* " == *" -x c++-header "* ]]; then exec "$@"; fi
object=
compiles=false
command=()
while (($# > 0)); do
  case $1 in
    -o) object=$2; shift ;;
    -c) compiles=true ;;
    *) command+=("$1") ;;
  esac
  shift
done
if $compiles; then
  "${command[@]}" -fsyntax-only
fi
: >"$object"
