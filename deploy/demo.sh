#!/usr/bin/env bash
# The dispatcher at work, on this machine: from a stand-in Marathon with two agents to a
# real Consul, to a real Vulcand on a real etcd, and to a model of Kong in front of it.
#
#   deploy/demo.sh          shows every step, then runs until Ctrl-C
#   deploy/demo.sh --once   shows every step; exits 0 if all were right each time
#
# Needs Debian 12: installs the packages it lacks (by apt-get, with sudo unless run as
# root) and builds what is not built. Everything it writes is under build/.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/.."

once=false
case "${1:-}" in
  "") ;;
  --once) once=true ;;
  *) sed -n '2,/^set/{/^#/s/^# \?//p}' "$0"; exit 2 ;;
esac

run=$PWD/build/demo
rm -rf "$run"
mkdir -p "$run/consul"
. deploy/demo/world.sh
. deploy/demo/routers.sh
. deploy/demo/verdict.sh

prepare
export no_proxy="*" NO_PROXY="*"  # all that is asked from here on is on this machine
start_consul
start_marathon
start_vulcand
start_kong
start_dispatcher
start_watching

cat <<END

  Marathon (stand-in)  $marathon/v2/apps
  Consul               $consul/v1/catalog/services
  Consul DNS           dig @127.0.0.1 -p $dns_port web.service.consul SRV
  $(printf '%-19s' "$vulcand_is")  $vulcand/v2/frontends, clients at $vulcand_proxy
  Kong (model)         $kong/routes, clients at $kong_proxy
  Dispatcher           $dispatcher/
  Logs                 $run

After each step Consul, over HTTP and over DNS, and Vulcand must name exactly the tasks
that Marathon says are running, and each task must answer there. Kong must send to
Vulcand's listener for the service, and requests to Kong and to Vulcand for the host
$web must reach each task in its turn. Nobody runs a command in between.

"event to Consul" runs from the timestamp in Marathon's event to the moment a blocking
query on Consul showed the change (some ms of it are curl's own); beside it what the
dispatcher's own histogram adds: receipt of the event to Consul's confirmation.
END

step "An operator posts an app" "curl -X POST $marathon/v2/apps -d @specs/app.json"
order POST /v2/apps @specs/app.json
verdict 2
begin_load

step "Scale to 3" "curl -X PUT $marathon/v2/apps/web -d '{\"instances\":3}'"
order PUT /v2/apps/web '{"instances":3}'
verdict 3

victim=$(a_task_process)
step "A task dies (kill -9 $victim) and is replaced" "kill -9 $victim"
kill -9 "$victim"
verdict 3

step "A rolling upgrade replaces all three" "curl -X PUT $marathon/v2/apps/web -d '{\"env\":{\"RELEASE\":\"2\"}}'"
order PUT /v2/apps/web '{"env":{"RELEASE":"2"}}'
verdict 3

step "A burst: events doubled and out of order while the app grows, restarts and shrinks" \
  "curl -X POST $marathon/sim/faults -d '{\"reorder\":12,\"double_percent\":50}'"
order POST /sim/faults '{"reorder":12,"double_percent":50,"delay_ms":50}'
order PUT /v2/apps/web '{"instances":10}'
wait_deployed 10
order POST /v2/apps/web/restart ''
wait_deployed 10
order PUT /v2/apps/web '{"instances":3}'
verdict 3
order POST /sim/faults '{"reset":true}'

step "Marathon restarts; its tasks live on, and so must their entries" \
  "curl -X POST $marathon/sim/restart -d '{\"down_ms\":2000}'"
order POST /sim/restart '{"down_ms":2000}'
unharmed 3
wait_marathon
order PUT /v2/apps/web '{"instances":4}'
verdict 4

end_load
step "The app is deleted" "curl -X DELETE $marathon/v2/apps/web"
order DELETE /v2/apps/web ''
verdict 0

echo
if ((wrong == 0)); then
  echo "Verdict: Consul, Vulcand and Kong were right after each of the $steps steps."
else
  echo "Verdict: WRONG after $wrong of $steps steps; see $run"
fi
if $once; then
  exit $((wrong > 0))
fi
cat <<END

Everything still runs. Try:
  curl -X POST -H 'Content-Type: application/json' $marathon/v2/apps -d @specs/app.json
  curl -H 'Host: $web' $kong_proxy/
  dig @127.0.0.1 -p $dns_port $web SRV
  curl $dispatcher/readyz
Ctrl-C stops it all.
END
wait "$dispatcher_pid"
