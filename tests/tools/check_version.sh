#!/usr/bin/env bash
# What deploy/package/version.cmake says of checkouts, archives and what is neither, tried in a
# folder of its own. As root also of a checkout that belongs to another.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/../.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
tree=$out/tree
mkdir -p "$tree/deploy/package"
cp .gitattributes "$tree"
cp deploy/package/version.cmake "$tree/deploy/package"
fail() {
  echo "check_version: $*"
  exit 1
}
# The tree's own is filled in already where git has made the tree.
# shellcheck disable=SC2016  # git's
format='$Format:%h %ct %(describe:tags=true,match=v*)$'
[[ $(<deploy/package/archive.txt) == [0-9a-f]* || $(<deploy/package/archive.txt) == "$format" ]] ||
  fail "deploy/package/archive.txt is not what is tried here"
echo "$format" >"$tree/deploy/package/archive.txt"
# says TREE: the version, and Debian's.
says() {
  rm -rf "$out/said"
  mkdir "$out/said"
  cmake -D SOURCE="$1" -D OUT="$out/said" -D BASE=0.1.0 -P "$1/deploy/package/version.cmake"
  echo "$(<"$out/said/version.txt") $(<"$out/said/debian.txt")"
}
git() { command git -C "$tree" -c user.name=x -c user.email=x@x -c safe.directory='*' "$@"; }
# commit SECONDS: a commit of that time, and its name.
commit() {
  GIT_COMMITTER_DATE="@$1 +0000" git commit -q --allow-empty -m "$1"
  git rev-parse --short=8 HEAD
}
# expect WHAT VERSION DEBIAN'S [TREE]
expect() { [[ $(says "${4:-$tree}") == "$2 $3" ]] || fail "$1: $(says "${4:-$tree}"), not $2 $3"; }

expect "no checkout" 0.1.0 0.1.0
git init -q
git add .
name=$(commit 1700000000)
expect "a commit" "0.1.0+g$name" "0.1.0~git1700000000.$name"
before=$(says "$tree")
if ((EUID == 0)); then
  chown -R 65534 "$tree"
  expect "another's checkout" "0.1.0+g$name" "0.1.0~git1700000000.$name"
fi
archived() {
  rm -rf "$out/archive"
  mkdir "$out/archive"
  git archive HEAD | tar -x -C "$out/archive"
}
archived
name=$(git rev-parse --short HEAD)
expect "an archive" "0.1.0+g$name" "0.1.0~git1700000000.$name" "$out/archive"
for seconds in {1700000001..1700000008}; do
  name=$(commit "$seconds")
  now=$(says "$tree")
  dpkg --compare-versions "${now#* }" gt "${before#* }" || fail "${now#* } is no upgrade of ${before#* }"
  before=$now
done
dpkg --compare-versions 0.1.0 gt "${before#* }" || fail "the release is no upgrade of ${before#* }"
git tag v0.1.0
expect "a release" 0.1.0 0.1.0
archived
expect "a release's archive" 0.1.0 0.1.0 "$out/archive"
echo >>"$tree/.gitattributes"
expect "with changes" 0.1.0.dirty 0.1.0.dirty
git checkout -q .
name=$(commit 1700000010)
expect "after a release" "0.1.0+g$name" "0.1.0+git1700000010.$name"
now=$(says "$tree")
dpkg --compare-versions "${now#* }" gt 0.1.0 || fail "${now#* } is no upgrade of the release"
archived
name=$(git rev-parse --short HEAD)
expect "an archive after a release" "0.1.0+g$name" "0.1.0+git1700000010.$name" "$out/archive"
