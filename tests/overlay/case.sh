#!/usr/bin/env bash
# One case of tests/overlay.sh, in namespaces that are its alone:
#
#   case.sh NAME MARATHON AGENTS NETWORKS LATE_MS
set -euo pipefail
name=$1 profile=$2 agents=$3 networks=$4 late=$5
first=${agents%,*} last=${agents#*,}

run=$PWD/build/overlay/$name
mkdir -p "$run"
. deploy/demo/world.sh
. tests/overlay/network.sh

control=192.0.2.10
consul=http://$control:8500
marathon=http://192.0.2.11:8080
vulcand=192.0.2.12

wrong() {
  printf 'WRONG: %s\n' "$*"
  tail -n 5 "$run"/*.log
  exit 1
}
# in_machine MACHINE PROGRAM ARGUMENT...
in_machine() {
  begin "$(basename "$2")" ip netns exec "$@"
}
order() { curl -sf -o "$run/answer" -X "$1" -H 'Content-Type: application/json' "$marathon$2" -d "$3"; }

# ----------------------------------------------------------------------------- the machines
wire
agent "$first" "$([[ $last == "$first" ]] || echo "$last")"
[[ $last == "$first" ]] || agent "$last" "$first"
machine control $control         # Consul and the dispatcher, which reach no task
machine marathon 192.0.2.11      # whose health checks do
machine router $vulcand
machine client 192.0.2.13
number=0
for machine in marathon router client; do
  number=$((number + 1))
  addresses=()
  for network in ${networks//,/ }; do
    # Above those that tasks are given.
    case $network in *::) addresses+=("${network}1:$number") ;; *) addresses+=("$network.255.$number") ;; esac
  done
  on_tasks_network $machine "$([[ $machine == client ]] && echo "$first" || echo "$last")" "${addresses[@]}"
done

in_machine control "$consul_binary" agent -dev -bind $control -client $control
in_machine marathon build/release/bin/marathon_sim --listen 192.0.2.11:8080 --profile "$profile" --hosts "$agents" \
  --own-networks "$networks" --address-lag-ms "$late" --task-program tests/overlay/task.sh
settings=(--set "marathon.urls=$marathon" --set marathon.resync_interval=1s --set "adapters.consul.url=$consul"
  --set http.listen=$control:8090)
if [[ -n $vulcand_binary ]]; then
  etcd=http://$vulcand:2379
  in_machine router "$etcd_binary" --data-dir "$run/etcd" --listen-client-urls $etcd --advertise-client-urls $etcd
  within 30 curl -sf -o "$run/answer" $etcd/health || wrong "etcd did not start"
  in_machine router "$vulcand_binary" -apiInterface=$vulcand -interface=$vulcand -apiPort=8182 -port=8181 \
    -etcd=$etcd -etcdApiVer=3
  settings+=(--set "adapters.vulcand.url=http://$vulcand:8182" --set adapters.vulcand.expose=all)
fi
within 30 curl -sf -o "$run/answer" "$consul/v1/status/leader" || wrong "Consul did not start"
within 30 curl -sf -o "$run/answer" $marathon/ping || wrong "the stand-in Marathon did not start"
in_machine control build/release/bin/dispatcher run "${settings[@]}"
within 30 curl -sf -o "$run/answer" http://$control:8090/readyz || wrong "the dispatcher did not get ready"

# ----------------------------------------------------------------------------- what is
# A line for each port of each running task: "NAME ADDRESS:PORT TASK". Ports inside containers are
# as posted below; one on the agent is the only port that Marathon lists.
marathon_says() {
  curl -sf "$marathon/v2/apps?embed=apps.tasks" | jq -r '
    def own: [.ipAddresses[]?.ipAddress] | first((map(select(contains(":") | not)) + .)[]);
    def at(port): "\(if contains(":") then "[\(.)]" else . end):\(port)";
    .apps[] | .id[1:] as $name | .tasks[] | select(.state == "TASK_RUNNING") |
      "\($name) \(own | at(8080)) \(.id)",
      (.id as $id | .host as $host | .ports[] as $port | "\($name)-admin \($host | at($port)) \($id)")' | sort
}
# Everything in Consul but itself: "NAME ADDRESS:PORT".
consul_says() {
  local service
  for service in $(curl -sf $consul/v1/catalog/services | jq -r 'keys[] | select(. != "consul")'); do
    curl -sf "$consul/v1/health/service/$service?passing" | jq -r '.[].Service |
      "\(.Service) \(if .Address | contains(":") then "[\(.Address)]" else .Address end):\(.Port)"'
  done | sort
}
# dns_says NAME: the addresses and ports that a client's questions for it find, in no order of their own.
dns_says() {
  local type
  for type in A AAAA SRV; do
    ip netns exec client dig +tcp +short @$control -p 8600 "$1.service.consul" $type |
      awk -v type=$type 'type != "SRV" && /[.:]/ && !/\.consul\.$/ {print $1} type == "SRV" {print ":" $3}'
  done | sort
}
# who ADDRESS:PORT MACHINE [HEADER]: the task that answers there.
who() { ip netns exec "$2" curl -s --max-time 2 ${3:+-H "$3"} "http://$1/" | jq -r .task 2>/dev/null || true; }
# Each of N tasks should answer two of 2 x N requests.
through_vulcand() {
  local i
  for ((i = 0; i < 2 * $2; i++)); do who $vulcand:8181 client "Host: $1.service.consul"; done | sort | uniq -c |
    awk '{print $2, $1}' | sort
}

# same WHAT SEEN EXPECTED: whether it is; else $trouble says how not.
same() {
  trouble="$1
$2
instead of
$3"
  [[ $2 == "$3" ]]
}
# agree NAME=N...: N ports of each of these names are everything there is; everybody knows them,
# and their tasks answer where they are said to be.
agree() {
  local running want name count place task
  running=$(marathon_says)
  same "Marathon runs" "$(cut -d ' ' -f 1 <<<"$running" | uniq -c | awk '{print $2 "=" $1}' | paste -sd ' ')" "$*" &&
    same "Consul says" "$(consul_says)" "$(cut -d ' ' -f 1,2 <<<"$running")" || return 1
  for want in "$@"; do
    name=${want%=*} count=${want#*=}
    same "Consul's DNS says of $name" "$(dns_says "$name")" "$(awk -v name="$name" '$1 == name {
      at = port = $2; sub(/.*:/, ":", port); sub(/:[0-9]+$/, "", at); gsub(/[][]/, "", at)
      if (!seen[at]++) print at
      print port}' <<<"$running" | sort)" || return 1
    if [[ -n $vulcand_binary && $name != *-admin ]]; then
      same "Vulcand sends $name to" "$(through_vulcand "$name" "$count")" \
        "$(awk -v name="$name" '$1 == name {print $3, 2}' <<<"$running" | sort)" || return 1
    fi
  done
  while read -r name place task; do
    same "at $place answers" "$(who "$place" client)" "$task" || return 1
    [[ $place == 192.0.2.* ]] || same "without their network, at $place answers" "$(who "$place" control)" "" || return 1
  done <<<"$running"
  printf '%s' "$running" >"$run/running"
}
look() {
  within 60 agree "$@" || wrong "$name: $trouble"
  printf '   %s\n' "$(cut -d ' ' -f 1,2 "$run/running" | paste -sd ',' | sed 's/,/, /g')"
}

# ----------------------------------------------------------------------------- the show
printf '\n%s: Marathon %s, agents %s, tasks in %s\n' "$name" "$profile" "$agents" "$networks"
# Up to 1.4, and from 1.5 on; a port without host port, and one with.
if [[ $profile == 1.4 ]]; then
  container='{"type": "DOCKER", "docker": {"image": "example/web", "network": "USER", "portMappings": $ports}}'
  network='{"ipAddress": {"networkName": "tasks"}}'
else
  container='{"type": "DOCKER", "docker": {"image": "example/web"}, "portMappings": $ports}'
  network='{"networks": [{"mode": "container", "name": "tasks"}]}'
fi
app() {
  jq -n --argjson ports "$2" '{"id": "'"$1"'", "instances": 2, "cpus": 0.1, "mem": 32, "container": '"$container"',
    "healthChecks": [{"protocol": "HTTP", "path": "/", "portIndex": 0, "gracePeriodSeconds": 5, "intervalSeconds": 1}]
    } + '"$network"
}
http='{"containerPort": 8080, "name": "http"}'
admin='{"containerPort": 8081, "hostPort": 0, "name": "admin"}'

echo "Two tasks, whose only port is at their own address"
order POST /v2/apps "$(app /web "[$http]")" || wrong "Marathon refuses the app"
look web=2

echo "One is killed; another takes its place, at an address of its own"
read -r _ old victim < <(head -n 1 "$run/running")
kill -9 "$(curl -sf $marathon/sim/state | jq -r --arg task "$victim" '.tasks[] | select(.task == $task).pid')"
replaced() { [[ $(marathon_says) != *"$victim"* ]] && agree "$@"; }
within 60 replaced web=2 || wrong "$trouble"
look web=2
[[ $(<"$run/running") != *" $old "* ]] || wrong "the new task is where the old one was"
[[ -z $(who "$old" client) ]] || wrong "the old task answers"

echo "Besides, an app with another port on its agent"
order POST /v2/apps "$(app /mixed "[$http, $admin]")" || wrong "Marathon refuses the app"
look mixed=2 mixed-admin=2 web=2

echo "Both are deleted"
order DELETE /v2/apps/web '' && within 30 order DELETE /v2/apps/mixed '' || wrong "Marathon does not delete"
gone() { [[ -z $(consul_says) ]]; }
within 30 gone || wrong "Consul says $(consul_says)"
