#!/bin/bash
# Inside a root where the package is installed: runs what dispatcher.service starts, as
# systemd would, and asks it.
#   run_unit.sh VERSION
set -euo pipefail

fail() {
  echo "run_unit: $*"
  [[ ! -e /tmp/log ]] || cat /tmp/log
  exit 1
}
# ask PATH: status line and body.
ask() {
  exec 3<>/dev/tcp/127.0.0.1/8090 || return 1
  printf 'GET %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n' "$1" >&3
  cat <&3
  exec 3>&-
} 2>/dev/null
. "$(dirname "$0")/within.sh"
answers() { ask "$1" | grep -q "$2"; }

unit=/usr/lib/systemd/system/dispatcher.service
start=$(sed -n 's/^ExecStart=//p' "$unit")
reload=$(sed -n 's/^ExecReload=//p' "$unit")
bash -n /usr/share/bash-completion/completions/dispatcher || fail "bash does not take the completion"
[[ -s /usr/share/doc/dispatcher/copyright ]] || fail "there is no copyright"
# Where the first screen of its README leads to.
for page in deploy/README.md specs/README.md deploy/CHANGELOG.md deploy/showcase.yaml; do
  grep -q "]($page" /usr/share/doc/dispatcher/README.md || fail "README.md does not lead to $page"
  [[ -s /usr/share/doc/dispatcher/$page ]] || fail "there is no $page"
done

# As the unit has it: of /proc the processes alone.
grep -q '^ProcSubset=pid$' "$unit" || fail "the unit shows all of /proc"
mount -t proc -o subset=pid proc /proc

: >/tmp/log
chmod 666 /tmp/log
# shellcheck disable=SC2086  # a command with its words
setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all -- $start >/tmp/log 2>&1 &
export MAINPID=$!
within 30 answers /healthz '"status":"ok"' || fail "it does not answer"
answers /healthz "\"version\":\"$1\"" || fail "it is of another version"
answers /metrics "dispatcher_build_info{version=\"$1\"} 1" || fail "metrics tell another version"
for figure in cpu_seconds_total start_time_seconds resident_memory_bytes virtual_memory_bytes open_fds max_fds; do
  answers /metrics "^process_$figure [0-9]" || fail "metrics lack process_$figure"
done
answers /readyz '^HTTP/1.1 503' || fail "it is ready without Marathon"
eval "${reload//\$\$/\$}"  # as systemd writes a dollar
within 30 grep -q reloading /tmp/log || fail "it did not read its settings anew"
kill -TERM "$MAINPID"
code=0
wait "$MAINPID" || code=$?
((code == 0)) || fail "it ended with $code"
