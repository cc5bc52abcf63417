#!/usr/bin/env bash
# docker-compose.yml at work on a machine where no image can be pulled: makes the images of
# what Debian and this tree have, starts all that can be had, does what an operator does, and
# looks at the result from outside.
#
#   deploy/demo-compose.sh [--from-source]
#   deploy/demo-compose.sh --can      exits 0 if an engine answers or can be started here, and no more
#
# --from-source builds Vulcand's image from its Dockerfile, too, with this machine's Go; else
# the program that tests/tools/fetch_vulcand.sh built is taken. $COMPOSE is the command for
# docker-compose.yml; without it "docker compose" where it is there, else docker-compose.
#
# Needs root, Debian 12 and a Docker engine; starts one of its own where none answers. Ends
# all it started, and what was left when it was killed before. The exit code is 0 if every look
# was right.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/.."

from_source=false
can=false
case "${1:-}" in
  "") ;;
  --can) can=true ;;
  --from-source) from_source=true ;;
  *) sed -n '2,/^set/{/^#/s/^# \?//p}' "$0"; exit 2 ;;
esac

run=$PWD/build/compose
rm -rf "$run/logs"
mkdir -p "$run/logs"
. tests/tools/within.sh
. deploy/compose/engine.sh
. deploy/compose/images.sh

umask 022  # what goes into images is for others than root
export BIND=127.0.47.1  # whatever else listens on this machine's usual ports
export DOCKER_BUILDKIT=0  # the builder that each of the programs knows: one cache
marathon=http://$BIND:8080
consul=http://$BIND:8500
gateway=http://$BIND:8000
router=http://$BIND:8181
web=web.service.consul

say() { printf '\n%s\n' "$*"; }
fail() {
  echo "WRONG: $*"
  exit 1
}
compose() { "${composer[@]}" -p dispatcher-demo -f docker-compose.yml -f deploy/compose/local.yml "$@"; }
stop_all() {
  trap - EXIT INT TERM HUP
  compose logs --no-color >"$run/logs/containers" 2>&1 || true
  compose down -v -t 2 >"$run/logs/down" 2>&1 || true
  stop_engine
}
trap 'exit 130' INT TERM HUP
if $can; then
  tests/tools/packages.sh docker
  trap stop_engine EXIT
  start_engine
  exit
fi
trap stop_all EXIT
order() { curl -sf -o "$run/answer" -X "$1" -H 'Content-Type: application/json' "$marathon$2" -d "$3"; }

# ------------------------------------------------------------------------- what is
marathon_says() {
  curl -sf "$marathon/v2/apps/web?embed=app.tasks" |
    jq -r '[.app.tasks[]? | select(.state == "TASK_RUNNING") | "\(.host):\(.ports[0])"] | sort | join(" ")'
}
consul_says() {
  curl -sf "$consul/v1/health/service/web?passing" |
    jq -r '[.[].Service | "\(.Address):\(.Port)"] | sort | join(" ")'
}
# How many names an SRV question finds.
dns_says() { dig +tcp +short @$BIND -p 8600 $web SRV | wc -l; }
# reached URL N: which tasks answer 2 x N requests.
reached() {
  local i
  for ((i = 0; i < 2 * $2; i++)); do
    curl -s --max-time 5 -H "Host: $web" "$1/"
  done | jq -rR 'fromjson? | "\(.host):\(.port)"' | sort | paste -sd ' '
}
# agree N: N tasks run, and everybody knows just these.
agree() {
  local running twice
  running=$(marathon_says)
  twice=$(tr ' ' '\n' <<<"$running $running" | sort | paste -sd ' ')
  [[ $(wc -w <<<"$running") == "$1" && $(consul_says) == "$running" && $(dns_says) == "$1" ]] &&
    [[ $(reached "$gateway" "$1") == "$twice" && $(reached "$router" "$1") == "$twice" ]]
}
look() {
  within 60 agree "$1" ||
    fail "Marathon runs [$(marathon_says)], Consul says [$(consul_says)], DNS has $(dns_says), through the gateway
       [$(reached "$gateway" "$1")], through the router [$(reached "$router" "$1")]"
  echo "   $(marathon_says): Consul, DNS, router and gateway agree"
}
metric() {
  curl -sf "http://$BIND:9090/api/v1/query" --data-urlencode "query=$1" | jq -r '.data.result[0].value[1] // "none"'
}
metric_is() { [[ $(metric "$1") == "$2" ]]; }
healthy() { [[ $(docker inspect -f '{{.State.Health.Status}}' "$(compose ps -q "$1")") == healthy ]]; }

# What the README tells people to type, and what they see.
as_written() {
  local command
  command=$(sed -n "s/^    \($1.*\)/\1/p" README.md | sed "s/ *# .*//; s/127\.0\.0\.1/$BIND/")
  [[ $command == curl* && $command != *$'\n'* ]] || fail "README.md has no one line of $1"
  echo "\$ $command"
  (eval "$command") 2>>"$run/logs/curl" >"$run/answer" || fail "it does not answer"
  echo "$(<"$run/answer")"  # with one end of line, whether it has one or not
}
# Which task the last answer came from.
instance() { jq -r 'select(.host and .port) | "\(.host):\(.port)"' "$run/answer"; }

# Whether 1.29 and 2 both take docker-compose.yml, and find the same in it.
check_file() {
  local program profile
  for program in docker-compose "$(tests/tools/fetch_compose.sh)"; do
    for profile in none platform; do
      $program -f docker-compose.yml --profile $profile config -q >"$run/logs/config" 2>&1 ||
        fail "$program does not take docker-compose.yml with profile $profile: $(<"$run/logs/config")"
    done
    $program -f docker-compose.yml --profile platform config --services | sort >"$run/services"
    sed -n '/^services:/,/^networks:/s/^  \([a-z0-9-]*\):.*/\1/p' docker-compose.yml | sort | diff "$run/services" - >"$run/logs/config" ||
      fail "$program finds other services: $(<"$run/logs/config")"
  done
}

# -------------------------------------------------------------------------- the show
tests/tools/packages.sh demo
tests/tools/packages.sh docker
read -ra composer <<<"${COMPOSE:-$(docker compose version >/dev/null 2>&1 && echo docker compose || echo docker-compose)}"
echo "Driven by ${composer[*]} $("${composer[@]}" version --short)"
check_file
start_engine
logged left compose down -v -t 0  # by one that was killed
make_images "$from_source"
export no_proxy="*" NO_PROXY="*"  # all that is asked from here on is on this machine
say "Starting Marathon (stand-in), Consul, etcd, Vulcand, Kong (model), the dispatcher, Prometheus"
echo "Left out, since their images can't be had: kong-database, kong-migrations, grafana, the profile platform"
# In the order of the file's depends_on, by hand: what Kong depends on is left out.
for wave in "marathon consul etcd" "vulcand kong" "dispatcher prometheus"; do
  # shellcheck disable=SC2086  # several services
  compose up -d --no-build --no-deps $wave >>"$run/logs/up" 2>&1 || { tail -n 20 "$run/logs/up"; fail "compose up $wave"; }
  for service in $wave; do
    [[ $service == prometheus ]] || within 60 healthy "$service" || fail "$service is not healthy"
  done
done

say "The commands of README.md, at $BIND: two instances, one on each network's agent"
as_written 'curl -X POST'
look 2
[[ $(marathon_says | tr ' ' '\n' | cut -d: -f1 | sort -u | wc -l) == 2 ]] || fail "both are on one agent"
as_written "curl -H 'Host:"
first=$(instance) || true
as_written "curl -H 'Host:"
[[ $first == *:* && $(instance) == *:* && $(instance) != "$first" ]] || fail "both answers are $first's and $(instance)'s"
say "Scale to 4"
order PUT /v2/apps/web '{"instances": 4}'
look 4
say "A task is killed and replaced"
victim=$(curl -sf "$marathon/v2/apps/web/tasks" | jq -r '.tasks[0].id')
order DELETE "/v2/apps/web/tasks/$victim" ''
look 4
say "A rolling upgrade"
version=$(curl -sf "$marathon/v2/apps/web" | jq -r .app.version)
order PUT /v2/apps/web '{"env": {"RELEASE": "2"}}'
upgraded() { [[ $(curl -sf "$marathon/v2/apps/web" | jq -r '[.app.version != $old, .app.deployments == []] | all' --arg old "$version") == true ]]; }
within 90 upgraded || fail "Marathon does not end the deployment"
look 4

say "A real Prometheus reads the dispatcher, which is healthy, and not root"
within 30 metric_is 'up{job="dispatcher"}' 1 || fail "Prometheus does not reach it"
within 30 metric_is 'sum(dispatcher_changes_planned)' 0 || fail "changes are left: $(metric 'sum(dispatcher_changes_planned)')"
container=$(compose ps -q dispatcher)
version=$(curl -sf "http://$BIND:8090/healthz" | jq -r .version)
[[ $(docker inspect -f '{{index .Config.Labels "org.opencontainers.image.version"}}' "$container") == "$version" ]] ||
  fail "the image's label is not of version $version"
[[ $(metric "dispatcher_build_info{version=\"$version\"}") == 1 ]] || fail "the metric is of another version"
[[ $(docker exec "$container" id -u) == 65534 ]] || fail "it is $(docker exec "$container" id)"
docker exec "$container" sh -c 'touch /tmp/x' 2>/dev/null && fail "its file system can be written"
docker exec "$container" cat /usr/share/doc/dispatcher/image.spdx.json >"$run/image.spdx.json"
docker exec "$container" ldd /usr/bin/dispatcher >"$run/ldd.txt"
docker exec "$container" dpkg-query -W >"$run/installed.txt"
tests/tools/check_sbom.py "$run/image.spdx.json" "$version" "$run/ldd.txt" "$run/installed.txt" || fail "its listing is not true"
size=$(image_size)
((size <= 60)) || fail "its image has $size MB on its base"

say "The app is deleted"
order DELETE /v2/apps/web ''
gone() { [[ -z $(consul_says) && $(curl -s -o "$run/answer" -w '%{http_code}' -H "Host: $web" "$gateway/") == 404 ]]; }
within 60 gone || fail "Consul says [$(consul_says)]"

say "All right: $version, image of $size MB on its base"
