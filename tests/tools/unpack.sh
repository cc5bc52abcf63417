#!/bin/sh
# Unpacks a package of another Debian release into a folder:
#
#   unpack.sh RELEASE PACKAGE FOLDER
#
# Nothing is installed and no system source is touched: apt works on state of its own
# inside FOLDER, against the mirror that this machine's apt is set to use, and checks the
# archive's signature and every checksum as it always does.
set -eu

release=$1
package=$2
home=$3
mirror=$("$(dirname "$0")/mirror.sh")

apt_home=$home/apt
mkdir -p "$apt_home/lists/partial" "$apt_home/cache/archives/partial" "$apt_home/parts"
: >"$apt_home/status"
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" >"$apt_home/sources.list"
set -- -qq -o "Dir::Etc::sourcelist=$apt_home/sources.list" -o "Dir::Etc::sourceparts=$apt_home/parts" \
  -o "Dir::Etc::preferencesparts=$apt_home/parts" -o "Dir::State=$apt_home" -o "Dir::State::lists=$apt_home/lists" \
  -o "Dir::State::status=$apt_home/status" -o "Dir::Cache=$apt_home/cache" -o "Acquire::Languages=none" \
  -o "APT::Sandbox::User=$(id -un)"
apt-get "$@" update || { echo "unpack: $release could not be read from the mirror" >&2; exit 1; }
(cd "$apt_home" && rm -f ./*.deb && apt-get "$@" download "$package") ||
  { echo "unpack: $package could not be downloaded" >&2; exit 1; }
dpkg -x "$apt_home/$package"_*.deb "$home"
rm -rf "$apt_home"
