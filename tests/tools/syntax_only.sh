#!/usr/bin/env bash
# Compiles and links nothing: a launcher of both, for each_alone.sh, that has a source checked
# only, with every warning, and leaves an empty file. $PARSED has headers that were parsed before,
# and the list of the sources that they are for.
set -euo pipefail
if [[ " $* " == *" -x c++-header "* ]]; then exec "$@"; fi
object=
compiles=false
parsed=
command=()
while (($# > 0)); do
  case $1 in
    -o) object=$2; shift ;;
    -c) compiles=true ;;
    -include) parsed=$2; shift ;;
    *) command+=("$1") ;;
  esac
  shift
done
if $compiles; then
  if grep -Fxq "${command[-1]}" "$PARSED/sources"; then
    parsed=$PARSED/$([[ $parsed ]] && echo tests || echo status).h
  fi
  "${command[@]}" ${parsed:+-include "$parsed"} -fsyntax-only
fi
: >"$object"
