# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034  # names shared with world.sh, verdict.sh and demo.sh
# Sourced by deploy/demo.sh: the proxies between clients and tasks, Kong in front and
# Vulcand behind it, what they say and where requests through them end.

web=web.service.consul

start_vulcand() {
  local api proxy client peer
  api=$(port 8182) proxy=$(port 8181)
  vulcand=http://127.0.0.1:$api vulcand_proxy=http://127.0.0.1:$proxy
  if [[ -n $vulcand_binary ]]; then
    client=http://127.0.0.1:$(port 2379) peer=http://127.0.0.1:$(port 2380)
    begin etcd "$etcd_binary" --data-dir "$run/etcd" --listen-client-urls "$client" \
      --advertise-client-urls "$client" --listen-peer-urls "$peer" \
      --initial-advertise-peer-urls "$peer" --initial-cluster "default=$peer"
    within 30 curl -sf -o "$run/answer" "$client/health" || give_up "etcd did not start:" "$run/etcd.log"
    begin vulcand "$vulcand_binary" -apiInterface=127.0.0.1 -interface=127.0.0.1 -apiPort="$api" -port="$proxy" \
      -etcd="$client" -etcdApiVer=3
    vulcand_is="Vulcand 0.9.2"
  else
    begin vulcand build/release/bin/vulcand_model --api-port "$api" --port "$proxy"
    vulcand_is="Vulcand (model)"
  fi
  within 30 curl -sf -o "$run/answer" "$vulcand/v2/frontends" || give_up "Vulcand did not start:" "$run/vulcand.log"
}

start_kong() {
  begin kong build/release/bin/kong_model --version 3.9.3 --admin-port "$(port 8001)" --proxy-port "$(port 8000)"
  within 10 test -s "$run/kong.out" || give_up "The model of Kong did not start:" "$run/kong.log"
  kong=$(jq -r .admin "$run/kong.out")
  kong_proxy=$(jq -r .proxy "$run/kong.out")
}

# ----------------------------------------------------------------------- what is
# The servers behind the host's frontend.
vulcand_says() {
  local backend
  backend=$(curl -sf "$vulcand/v2/frontends" |
    jq -r --arg host $web 'first(.Frontends[]? | select(.Route | contains($host))).BackendId')
  [[ -z $backend ]] || curl -sf "$vulcand/v2/backends/$backend/servers" |
    jq -r '[.Servers[]?.URL | ltrimstr("http://")] | sort | join(" ")'
}

# Where Kong sends requests for the host, which has to be Vulcand's listener for it.
kong_says() {
  local service
  service=$(curl -sf "$kong/routes" |
    jq -r --arg host $web 'first(.data[] | select(.hosts | index($host))).service.id')
  [[ -z $service ]] || curl -sf "$kong/services/$service" | jq -r '"\(.host):\(.port)"'
}
listener_says() {
  curl -sf "$vulcand/v2/listeners" |
    jq -r --arg host $web '.Listeners[]? | select(.Scope | contains($host)).Address.Address'
}

# reached URL N: which tasks answer 2 x N requests, one word a request, sorted.
reached() {
  local i
  for ((i = 0; i < 2 * $2; i++)); do
    curl -s --max-time 5 -H "Host: $web" "$1/"
  done | jq -rR 'fromjson? | "\(.host):\(.port)"' | sort | paste -sd ' '
}
twice() { tr ' ' '\n' <<<"$1 $1" | sort | paste -sd ' '; }
not_found() { [[ $(curl -s -o "$run/answer" -w '%{http_code}' -H "Host: $web" "$1/") == 404 ]]; }

# routers_agree N: both send requests to exactly the tasks that run, in turn. Other
# clients' requests would take turns, too: $run/quiet.
routers_agree() {
  routed=$(vulcand_says)
  gateway=$(kong_says)
  if (($1 == 0)); then
    through=""
    [[ -z $routed && -z $gateway ]] && not_found "$kong_proxy" && not_found "$vulcand_proxy"
    return
  fi
  through=$(reached "$kong_proxy" "$1")
  [[ $routed == "$running" && -n $gateway && $gateway == "$(listener_says)" && $through == "$(twice "$running")" ]] &&
    [[ $(reached "$vulcand_proxy" "$1") == "$through" ]]
}

# -------------------------------------------------------------------- a client
# One request after the other through Kong, while there is no $run/quiet: a line each.
begin_load() {
  : >"$run/load"
  begin client client
  load_pid=${pids[-1]}
}
client() {
  while :; do
    [[ -e $run/quiet ]] ||
      curl -s -o /dev/null --max-time 5 -w '%{http_code}\n' -H "Host: $web" "$kong_proxy/" >>"$run/load" || true
    read -rt 0.02 <> <(:) || true
  done
}
end_load() {
  kill -TERM -- "-$load_pid" 2>/dev/null || true
  wait "$load_pid" 2>/dev/null || true
}

# "312 requests through Kong, 1 failed (1 x 503)".
clients_saw() {
  sort "$run/load" | uniq -c |
    awk '{ sent += $1 } $2 != 200 { failed += $1; what = what ", " $1 " x " $2 }
         END { printf "%d requests through Kong, %d failed%s\n", sent, failed,
               failed ? " (" substr(what, 3) ")" : "" }'
}
