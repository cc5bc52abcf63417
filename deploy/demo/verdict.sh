# shellcheck shell=bash
# shellcheck disable=SC2154  # $run, $marathon, $consul, $dns_port, $dispatcher: world.sh
# Sourced by deploy/demo.sh: what Marathon says, what Consul says, and whether they
# and the routers agree. A list of tasks is "address:port" words, sorted, on one line.

steps=0
wrong=0
known=""  # what the last step left

# --------------------------------------------------------------------- recording
# Consul's view of `web` whenever it changes: "<ms since 1970> <tasks>" per line.
watch_consul() {
  local index=0 now
  while :; do
    if curl -s -D "$run/watch.head" "$consul/v1/health/service/web?index=$index&wait=60s" >"$run/watch.body"; then
      now=$(date +%s%3N)
      echo "$now $(jq -r "$addresses" "$run/watch.body")" >>"$run/seen"
      index=$(tr -d '\r' <"$run/watch.head" | sed -n 's/^X-Consul-Index: //p')
    fi
  done
}
addresses='[.[].Service | "\(.Address):\(.Port)"] | sort | join(" ")'

# Marathon's events as any client gets them.
record_events() {
  while :; do
    curl -sN -H 'Accept: text/event-stream' "$marathon/v2/events" >>"$run/events" || true
    within 20 marathon_answers || true
  done
}

start_watching() {
  : >"$run/seen"
  begin watch_consul watch_consul
  begin record_events record_events
  within 10 test -s "$run/events" || give_up "Marathon's event stream says nothing" "$run/marathon.log"
  remember
}

# ----------------------------------------------------------------------- what is
marathon_says() {
  curl -sf "$marathon/v2/apps/web?embed=app.tasks" | jq -r '[.app.tasks[]? | select(.state == null or .state ==
    "TASK_RUNNING") | "\(.host):\(.ports[0])"] | sort | join(" ")' || true
}
consul_says() { curl -sf "$consul/v1/health/service/web?passing" | jq -r "$addresses"; }
# An SRV answer's target is the address in hexadecimal: 7f000101.addr.dc1.consul. Over
# TCP, as Consul gives three answers at most over UDP.
dns_says() {
  local port target list=""
  while read -r _ _ port target; do
    list+="$(printf '%d.%d.%d.%d' "0x${target:0:2}" "0x${target:2:2}" "0x${target:4:2}" "0x${target:6:2}"):$port"$'\n'
  done < <(dig +tcp +short @127.0.0.1 -p "$dns_port" web.service.consul SRV)
  printf '%s' "$list" | sort | paste -sd ' '
}
all_answer() {
  local task
  for task in $1; do
    curl -sf --max-time 2 "http://$task/" >/dev/null || return 1
  done
}

taken() {
  status=$(curl -s -o "$run/answer" -w '%{http_code}' -X "$1" -H 'Content-Type: application/json' \
    --data-binary "$3" "$marathon$2")
  [[ $status != 409 ]]
}
# order METHOD PATH BODY: what an operator does with curl. While a deployment runs
# Marathon answers 409; then it is tried again.
order() {
  within 30 taken "$@" || true
  [[ $status == 2* ]] || give_up "Marathon refused: $1 $2: $status" "$run/answer"
}

a_task_process() { curl -sf "$marathon/sim/state" | jq -r 'first(.tasks[] | select(.app == "/web")).pid'; }

deployed() {
  [[ $(curl -sf "$marathon/v2/deployments") == "[]" && $(marathon_says | wc -w) == "$1" ]]
}
wait_deployed() { within 60 deployed "$1" || give_up "Marathon did not deploy" "$run/marathon.log"; }

# ----------------------------------------------------------------------- a step
step() {
  steps=$((steps + 1))
  printf '\n%d. %s\n   %s\n' "$steps" "$1" "$2"
}

remember() {
  known=$(consul_says)
  seen_lines=$(wc -l <"$run/seen")
  histogram >"$run/histogram"
  began=$(date +%s%3N)
}

agree() {
  running=$(marathon_says)
  registered=$(consul_says)
  resolved=$(dns_says)
  [[ $(wc -w <<<"$running") == "$1" && $registered == "$running" && $resolved == "$running" ]] && all_answer "$running"
}

show() { printf '   %-16s %s\n' "$1" "$2"; }

kong_in_words() {
  if [[ -n $gateway ]]; then echo "$gateway, Vulcand's listener"; else echo nothing; fi
}

# verdict N: Marathon runs N tasks of /web; Consul names exactly those, and requests
# reach exactly those.
verdict() {
  local good=true
  within 60 deployed "$1" || good=false
  within 10 agree "$1" || good=false
  : >"$run/quiet"
  within 10 routers_agree "$1" || good=false
  rm "$run/quiet"
  show "Marathon runs" "${running:-nothing}"
  show "Consul, HTTP" "${registered:-nothing}"
  show "Consul, DNS" "${resolved:-nothing}"
  show "Vulcand" "${routed:-nothing}"
  show "Kong" "$(kong_in_words)"
  show "requests reach" "${through:-nobody: 404}"
  show "event to Consul" "$(latency)"
  if [[ -f $run/load ]]; then
    show "clients, so far" "$(clients_saw)"
  fi
  pronounce "$good"
}

# unharmed N: while Marathon is away, Consul keeps what it had.
unharmed() {
  if marathon_answers; then
    show "Marathon" "still answers"
  else
    show "Marathon" "refuses connections"
  fi
  show "Consul, HTTP" "$(consul_says)"
  if [[ $(consul_says) != "$known" || $(wc -w <<<"$known") != "$1" ]]; then
    pronounce false
  fi
}

pronounce() {
  if $1; then
    printf '   ✔ Consul, Vulcand and Kong are right\n'
  else
    wrong=$((wrong + 1))
    printf '   ✘ WRONG\n'
  fi
  remember
}

# ---------------------------------------------------------------------- latency
# "<sum> <count>" of the dispatcher's own histogram.
histogram() {
  curl -s "$dispatcher/metrics" | awk '/^dispatcher_registration_latency_seconds_sum/ {sum += $2}
    /^dispatcher_registration_latency_seconds_count/ {count += $2} END {printf "%.9f %d\n", sum, count}'
}

# From each status_update_event since the last step to the first time that Consul
# showed (TASK_RUNNING) or no longer showed (the end of a task) its address.
latency() {
  histogram >"$run/histogram.now"
  sed -n 's/^data: *//p' "$run/events" | tr -d '\r' | jq -rR 'fromjson? | select(.eventType == "status_update_event") |
      [((.timestamp[0:19] + "Z" | fromdate) * 1000 + (.timestamp[20:23] | tonumber)),
       (if .taskStatus == "TASK_RUNNING" then "in" else "out" end), "\(.host):\(.ports[0])", .taskStatus] | @tsv' |
    awk -v skip="$seen_lines" -v began="$began" -v old="$(cat "$run/histogram")" -v new="$(cat "$run/histogram.now")" '
      FILENAME != "-" { if (FNR >= skip) { when[++n] = $1; sub(/^[0-9]+ */, ""); what[n] = " " $0 " " } next }
      $1 < began || $4 !~ /RUNNING|FAILED|FINISHED|KILLED|LOST|ERROR|GONE|DROPPED/ || done[$2 $3]++ { next }
      {
        for (i = 2; i <= n; i++) {
          here = index(what[i], " " $3 " ") > 0; before = index(what[i - 1], " " $3 " ") > 0
          if (here != before && (here ? "in" : "out") == $2 && when[i] >= $1) {
            took = when[i] - $1; count[$2]++; total[$2] += took; if (took > most[$2]) most[$2] = took
            break
          }
        }
      }
      function add(part) { text = text (text == "" ? "" : "; ") part }
      function words(way, name) {
        if (count[way]) add(sprintf("%s %d: mean %d ms, longest %d ms", name, count[way], total[way] / count[way], most[way]))
      }
      END {
        split(old, a, " "); split(new, b, " ")
        words("in", "registered"); words("out", "removed")
        if (b[2] > a[2]) add(sprintf("dispatcher itself: mean %.1f ms over %d", 1000 * (b[1] - a[1]) / (b[2] - a[2]), b[2] - a[2]))
        print text == "" ? "no change" : text
      }' "$run/seen" -
}
