#!/usr/bin/env bash
# Makes a minimal Debian in a folder, by debootstrap from this machine's own mirror:
#
#   debian_root.sh RELEASE FOLDER [FROM]     such as trixie build/roots/trixie
#
# FROM is a minimal one that FOLDER becomes a copy of, and is made where it is missing.
# Run again, it finds what is there. Needs root; in_root.sh runs commands inside.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/../.."

umask 022  # others than root live in it, too
release=$1
folder=$2
# Whoever makes it now, if only because it was not killed with its caller, is waited for.
mkdir -p "$(dirname "$folder")"
exec 9>"$folder.lock"
flock 9
if [[ -e $folder.made && $(<"$folder.made") == "$release" ]]; then
  exit 0
fi
((EUID == 0)) || { echo "debian_root: only root can make one"; exit 1; }
if [[ -n ${3:-} ]]; then
  tests/tools/debian_root.sh "$release" "$3"
  rm -rf --one-file-system "$folder" "$folder.made"
  cp -a "$3" "$folder"
  echo "$release" >"$folder.made"
  exit 0
fi
mirror=$(tests/tools/mirror.sh)
rm -rf --one-file-system "$folder" "$folder.made"
mkdir -p "$folder"
# Its mounts are seen by it alone, and end with it, however it ends.
unshare --mount --pid --fork --kill-child -- debootstrap --variant=minbase "$release" "$folder" "$mirror"
# As this machine reaches the mirror, so does the root.
cp /etc/resolv.conf "$folder/etc/resolv.conf"
echo '127.0.0.1 localhost' >"$folder/etc/hosts"
apt-config dump | grep -E '^Acquire::(http|https)::' >"$folder/etc/apt/apt.conf.d/90machine" || true
echo 'Acquire::Languages "none";' >"$folder/etc/apt/apt.conf.d/91short"
echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/root"  # nobody misses it after a power cut
printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"  # no package may start a service
chmod +x "$folder/usr/sbin/policy-rc.d"
echo "$release" >"$folder.made"
