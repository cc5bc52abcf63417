# shellcheck shell=bash
# Sourced by tests/overlay.sh: machines as network namespaces, a wire between them, and the
# network of their tasks. The script itself is at the wire (192.0.2.254) and on no other network.

wire() {
  ip link set lo up
  ip link add wire type bridge
  ip addr add 192.0.2.254/24 dev wire
  ip link set wire up
}

# machine NAME ADDRESS: at the wire.
machine() {
  ip netns add "$1"
  ip -n "$1" link set lo up
  ip link add "w${2##*.}" type veth peer name wire netns "$1"
  ip link set "w${2##*.}" master wire up
  ip -n "$1" addr add "$2/24" dev wire
  ip -n "$1" link set wire up
}

# agent ADDRESS [PEER]: a machine, named as its address, with a bridge that tasks are put on
# (task.sh); with PEER, a VxLAN over the wire makes one network of the bridges of both.
agent() {
  machine "$1" "$1"
  ip -n "$1" link add tasks type bridge
  if [[ -n ${2:-} ]]; then
    ip -n "$1" link add vxlan0 mtu 1450 type vxlan id 42 local "$1" remote "$2" dev wire dstport 4789
    ip -n "$1" link set vxlan0 master tasks up
  fi
  ip -n "$1" link set tasks up
}

# on_tasks_network MACHINE AGENT ADDRESS...: plugs it into that agent's bridge, too.
on_tasks_network() {
  local machine=$1 agent=$2 address
  shift 2
  ip -n "$machine" link add tasks mtu 1450 type veth peer name "$machine" mtu 1450 netns "$agent"
  ip -n "$agent" link set "$machine" master tasks up
  ip -n "$machine" link set tasks up
  for address in "$@"; do
    case $address in
      *:*) ip -n "$machine" addr add "$address/64" dev tasks nodad ;;
      *) ip -n "$machine" addr add "$address/16" dev tasks ;;
    esac
  done
}
