#!/usr/bin/env bash
# Compiles and links nothing: a launcher of both that has a source checked only, with every
# warning, and leaves an empty file. For builds that ask whether each file stands alone.
set -euo pipefail
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
