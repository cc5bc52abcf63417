# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # names shared with demo.sh, verdict.sh and routers.sh
# Sourced by deploy/demo.sh: starts Consul, the stand-in Marathon and the dispatcher,
# and stops all that was begun when the script ends, however it ends.

pids=()
stop_all() {
  local pid
  trap - EXIT INT TERM HUP
  for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
    kill -TERM -- "-${pids[i]}" 2>/dev/null || true
  done
  for pid in "${pids[@]}"; do
    wait "$pid" 2>/dev/null || true
  done
}
trap stop_all EXIT
trap 'echo; echo "Stopping."; exit 130' INT TERM HUP

# Each in a process group of its own: Ctrl-C reaches this script alone, which then
# stops the others in order.
set -m
# begin NAME COMMAND...: its output goes to $run/NAME.log (and .out).
begin() {
  local name=$1
  shift
  "$@" </dev/null >"$run/$name.out" 2>"$run/$name.log" &
  pids+=($!)
}

give_up() {
  echo "$1" >&2
  [[ -n ${2:-} ]] && tail -n 20 "$2" >&2
  exit 1
}

. tests/tools/within.sh

in_use() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# port STANDARD: that port if nobody has it, else a free one.
port() {
  local candidate=$1
  while in_use "$candidate"; do
    candidate=$((20000 + RANDOM % 10000))
  done
  echo "$candidate"
}

prepare() {
  tests/tools/packages.sh demo
  consul_binary=$(tests/tools/fetch_consul.sh)
  etcd_binary=$(tests/tools/fetch_etcd.sh)
  echo "Looking for Vulcand (the first time it is built, which takes some minutes; log in $run/vulcand-build.log)"
  vulcand_binary=$(tests/tools/fetch_vulcand.sh 2>"$run/vulcand-build.log") || {
    vulcand_binary=""
    tail -n 2 "$run/vulcand-build.log"
  }
  echo "Building (the first time takes some minutes; log in $run/build.log)"
  {
    cmake --preset release &&
      cmake --build --preset release -j "$(nproc)" --target dispatcher marathon_sim kong_model_main vulcand_model_main
  } >"$run/build.log" 2>&1 || give_up "The build failed:" "$run/build.log"
}

start_consul() {
  local http_port
  http_port=$(port 8500)
  dns_port=$(port 8600)
  consul=http://127.0.0.1:$http_port
  cat >"$run/consul.json" <<END
{"server": true, "bootstrap_expect": 1, "node_name": "demo", "datacenter": "dc1",
 "data_dir": "$run/consul", "bind_addr": "127.0.0.1", "client_addr": "127.0.0.1",
 "ports": {"http": $http_port, "dns": $dns_port, "server": $(port 8300),
           "serf_lan": $(port 8301), "serf_wan": $(port 8302), "grpc": -1},
 "performance": {"raft_multiplier": 1}, "disable_update_check": true}
END
  begin consul "$consul_binary" agent -config-file "$run/consul.json"
  within 30 consul_leads || give_up "Consul did not start:" "$run/consul.out"
}
consul_leads() { [[ $(curl -s "$consul/v1/status/leader") == *:* ]]; }

start_marathon() {
  begin marathon build/release/bin/marathon_sim --listen "127.0.0.1:$(port 8080)" --hosts 127.0.1.1,127.0.1.2
  within 10 test -s "$run/marathon.out" || give_up "The stand-in Marathon did not start:" "$run/marathon.log"
  marathon=http://$(jq -r .listening "$run/marathon.out")
}
marathon_answers() { curl -sf "$marathon/ping" >/dev/null; }
wait_marathon() { within 20 marathon_answers || give_up "Marathon did not come back" "$run/marathon.log"; }

start_dispatcher() {
  local listen
  listen=127.0.0.1:$(port 8090)
  dispatcher=http://$listen
  begin dispatcher build/release/bin/dispatcher run --set "marathon.urls=$marathon" \
    --set "adapters.consul.url=$consul" --set "http.listen=$listen" \
    --set "adapters.vulcand.url=$vulcand" --set adapters.vulcand.expose=all \
    --set adapters.vulcand.listeners=true --set adapters.vulcand.listener_address=127.0.0.1 \
    --set "adapters.kong.url=$kong" --set adapters.kong.expose=all \
    --set adapters.kong.mode=router --set adapters.kong.router_url=http://127.0.0.1
  dispatcher_pid=${pids[-1]}
  within 20 dispatcher_ready || give_up "The dispatcher did not get ready:" "$run/dispatcher.log"
}
dispatcher_ready() { curl -sf "$dispatcher/readyz" >/dev/null; }
