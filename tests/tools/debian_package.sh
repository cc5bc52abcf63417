#!/usr/bin/env bash
# Builds the Debian package, installs it in a root with nothing else in it, starts what its
# unit starts, and removes it.
#
#   debian_package.sh [BUILD]     default: a build of its own, of the preset `package`; else a
#                                 folder that is configured
set -euo pipefail
shopt -s extglob
umask 077  # nothing may depend on who builds
CDPATH='' cd "$(dirname "$0")/../.."

fail() {
  echo "debian_package: $*"
  exit 1
}

# ------------------------------------------------------------------------- the package
tests/tools/check_version.sh
tests/tools/packages.sh package
build=${1:-build/package}
[[ -n ${1:-} ]] || cmake --preset package
cmake --build "$build" -j "$(nproc)" --target dispatcher package_files
rm -rf "$build"/*.deb "$build/some where"
(CDPATH='' cd "$build" && cpack -G DEB)
package=$(echo "$build"/dispatcher_*.deb)
version=$(<"$build"/generated/version.txt)
debian=$(<"$build"/generated/debian.txt)
[[ $(dpkg-deb -f "$package" Version) == "$debian" ]] || fail "the package is not of version $debian"
[[ $(zcat "$build"/package/changelog.gz | dpkg-parsechangelog -l - -S Version) == "$debian" ]] ||
  fail "the change log is none of Debian's, or of another version"
closed=$(dpkg-deb -c "$package" | grep -vE '^(drwxr-xr-x|-rw[x-]r-[x-]r-[x-]) root/root ') && fail "not open to all: $closed"
[[ $("$build"/bin/dispatcher version) == "dispatcher $version" ]] || fail "the program is not of version $version"
[[ $(dpkg-deb -f "$package" Depends) == *libcpp-httplib* ]] || fail "the package does not name its libraries"

# In a folder whose name has a blank.
cp -r deploy/package "$build/some where"
cat >"$build/some where/try.cmake" <<'END'
set(CMAKE_BINARY_DIR "${CMAKE_CURRENT_LIST_DIR}/build")
set(CMAKE_INSTALL_PREFIX "${CMAKE_CURRENT_LIST_DIR}/root")
configure_file("${CMAKE_CURRENT_LIST_DIR}/install.cmake.in" "${CMAKE_CURRENT_LIST_DIR}/install.cmake" @ONLY)
include("${CMAKE_CURRENT_LIST_DIR}/install.cmake")
END
cmake -P "$build/some where/try.cmake" && [[ -s "$build/some where/root/etc/dispatcher/dispatcher.yaml" ]] ||
  fail "no installation where a name has a blank"

# The page in full, without a complaint of troff's.
complaints=$(man --warnings -E UTF-8 -l "$build"/package/dispatcher.1 2>&1 >"$build"/page.txt)
[[ -z $complaints ]] || fail "the manual page: $complaints"
for word in uninstall --dry-run marathon.stall_timeout; do
  grep -q -e "$word" "$build"/page.txt || fail "the manual page does not know $word"
done

# From 0, locked up, to 10, free.
unit=$build/package/dispatcher.service
score=$(systemd-analyze security --offline=yes "$PWD/$unit" | sed -n 's/.*Overall exposure level for .*: \([0-9.]*\) .*/\1/p')
echo "systemd-analyze security: $score"
awk -v score="$score" 'BEGIN { exit !(score != "" && score <= 1.5) }' || fail "the unit is exposed: $score"
systemd-analyze verify --man=no --recursive-errors=no "$PWD/$unit" 2>&1 | grep -v 'is not executable' |
  grep dispatcher.service && fail "systemd complains of the unit"

# --------------------------------------------------------------------------- the root
. /etc/os-release
root=build/roots/package
rm -f "$root.made"  # always a fresh one
tests/tools/debian_root.sh "$VERSION_CODENAME" "$root" "build/roots/$VERSION_CODENAME"
cp "$package" "$root/srv/dispatcher.deb"
inside() { tests/tools/in_root.sh "$@"; }
inside "$root" -- sh -c 'apt-get update -q && apt-get install -qy --no-install-recommends /srv/dispatcher.deb'
inside "$root" -- dpkg --verify dispatcher | grep . && fail "the installation is not whole"
inside "$root" -- ldd /usr/bin/dispatcher >"$build"/ldd.txt
# Versions are those that it was built with; a later one may be installed.
dpkg-query -W >"$build"/installed.txt
tests/tools/check_sbom.py "$root/usr/share/doc/dispatcher/sbom.spdx.json" "$version" "$build"/{ldd,installed}.txt

# What the unit starts, as nobody, without a network but loopback: it has to answer, to say
# why it is not ready, to read its settings anew and to end at once.
inside --alone "$root" "$PWD/tests/tools:/tools:ro" -- /tools/run_unit.sh "$version"

inside --alone "$root" "$PWD/tests/tools:/tools:ro" -- /tools/run_maintainer.sh
inside "$root" -- sh -c 'apt-get purge -qy dispatcher && test ! -e /usr/bin/dispatcher && test ! -e /etc/dispatcher &&
  test ! -L /etc/systemd/system/multi-user.target.wants/dispatcher.service && ! dpkg -s dispatcher 2>/dev/null' || fail "something of it stays"
rm -rf --one-file-system "$root" "$root.made"
echo "$package: installed, run, removed"
