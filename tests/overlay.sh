#!/usr/bin/env bash
# Tasks that have addresses of their own on a network of their own, across network namespaces:
# the stand-in Marathon's tasks each in one behind its agent, a real Consul and the dispatcher in
# one from which no task is reached, a real Vulcand, a client.
#
#   tests/overlay.sh         four cases; exits 0 if all was right
#   tests/overlay.sh --can   exits 0 if this machine can do it, else says why not
#
# Runs what tests/run.sh has built, in namespaces that end with it, however it ends. Needs Linux's
# VxLAN, and no root but to install the packages it lacks.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/.."

# NAME, Marathon, agents, networks of the tasks, and how late Marathon knows their addresses (ms).
# With two agents there is a VxLAN between them.
cases=("vxlan 1.8 192.0.2.1,192.0.2.2 10.32 0"
  "ipv6 1.10 192.0.2.1,192.0.2.2 fd00:32:: 0"
  "two-networks 1.6 192.0.2.1,192.0.2.2 fd00:32::,10.32 400"
  "bridge 1.4 192.0.2.1 172.30 400")

world=(unshare --net --mount --pid --mount-proc --fork --kill-child)
((EUID == 0)) || world+=(--map-root-user)
# Namespaces that `ip netns` names are known to this world alone.
own_names='mount -t tmpfs run /run && mkdir /run/netns'

case "${1:-}" in
  "") ;;
  --can)
    exec "${world[@]}" bash -c "$own_names"' && ip link add can type vxlan id 1 dev lo dstport 4789 &&
      ip netns add can && ip link add one type veth peer name two netns can && ip netns exec can true'
    ;;
  --inside)
    trap 'exit 130' INT TERM HUP
    wrong=0
    for each in "${cases[@]}"; do
      unshare --net --mount bash -c "$own_names"' && exec tests/overlay/case.sh $0' "$each" || wrong=1
    done
    exit $wrong
    ;;
  *) sed -n '2,/^set/{/^#/s/^# \?//p}' "$0"; exit 2 ;;
esac

rm -rf build/overlay
tests/tools/packages.sh overlay
consul_binary=$(tests/tools/fetch_consul.sh | tail -n 1)
etcd_binary=$(tests/tools/fetch_etcd.sh | tail -n 1)
vulcand_binary=$(tests/tools/fetch_vulcand.sh | tail -n 1) || echo "Without Vulcand: its part is left out"
export consul_binary etcd_binary vulcand_binary
export no_proxy="*" NO_PROXY="*"  # there is no way out of these namespaces
exec "${world[@]}" "$0" --inside
