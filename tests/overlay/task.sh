#!/usr/bin/env bash
# A task of tests/overlay.sh, as its agent runs it; the stand-in's --task-program. It lives in a
# network namespace of its own, which ends with it, behind a port of its agent's bridge.
#
#   task.sh task TASK APP AGENT COMMAND tcp:ADDRESS:PORT...
#
# AGENT is the agent's address and the name of its namespace. A socket at that address is what
# the agent maps to a port of its own: it is answered there, beside the task.
set -euo pipefail
server=build/release/bin/marathon_sim

if [[ $1 == task ]]; then
  names=("${@:1:5}") agent=$4
  own=() mapped=()
  for socket in "${@:6}"; do
    if [[ $socket == tcp:$agent:* ]]; then mapped+=("$socket"); else own+=("$socket"); fi
  done
  if ((${#mapped[@]} > 0)); then
    ip netns exec "$agent" "$server" "${names[@]}" "${mapped[@]}" 3>/dev/null &
  fi
  exec unshare --net "$0" inside "$agent" "${names[@]}" "${own[@]}"
fi

agent=$2
shift 2
ip link set lo up
ip link add eth0 mtu 1450 type veth peer name "t$$" mtu 1450 netns "$agent"
ip -n "$agent" link set "t$$" master tasks up
ip link set eth0 up
for socket in "${@:6}"; do
  address=${socket#*:} address=${address%:*}
  case $address in
    *:*) ip addr replace "$address/64" dev eth0 nodad ;;
    *) ip addr replace "$address/16" dev eth0 ;;
  esac
done
exec "$server" "$@"
