#!/usr/bin/env bash
# Runs a command as root inside a folder that debian_root.sh made, with /proc and /dev,
# and ends all it started with it:
#
#   in_root.sh [--alone] FOLDER [OUTSIDE:INSIDE[:ro]]... -- COMMAND...
#
# OUTSIDE is a folder shown at INSIDE; --alone leaves it no network but a loopback of its own.
set -euo pipefail

network=()
if [[ $1 == --alone ]]; then
  network=(--net)
  shift
fi
root=$(realpath "$1")
shift
mounts=()
while [[ $1 != -- ]]; do
  mounts+=("$1")
  shift
done
shift

inside() {
  umask 022
  ip link set lo up
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  local entry outside place mode
  for entry in "${mounts[@]}"; do
    IFS=: read -r outside place mode <<<"$entry"
    mkdir -p "$root$place"
    mount --bind "$outside" "$root$place"
    [[ -z $mode ]] || mount -o "remount,bind,$mode" "$root$place"
  done
  exec chroot "$root" env -i HOME=/root LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
export -f inside
export root
# Dies with who called it, if that is killed: what it runs may hold locks of the root.
exec setpriv --pdeathsig KILL unshare "${network[@]}" --mount --pid --fork --kill-child -- bash -euo pipefail -c \
  "$(declare -p mounts); inside \"\$@\"" inside "$@"
