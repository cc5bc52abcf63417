# shellcheck shell=bash
# shellcheck disable=SC2154  # $run: demo-compose.sh
# Sourced by deploy/demo-compose.sh: a Docker engine, the one that answers or one of our own.

engine_pid=""
start_engine() {
  if docker info >"$run/logs/engine" 2>&1; then
    return
  fi
  end_left_engine
  echo "No Docker engine answers: starting one, data in $run/engine"
  export DOCKER_HOST=unix://$run/engine.sock
  dockerd --data-root "$run/engine" --exec-root "$run/engine-exec" --pidfile "$run/engine.pid" -H "$DOCKER_HOST" \
    >"$run/logs/engine" 2>&1 &
  engine_pid=$!
  local end=$((SECONDS + 60))
  until docker info >"$run/logs/engine-info" 2>&1; do
    if ((SECONDS >= end)) || ! kill -0 "$engine_pid" 2>/dev/null; then
      echo "The Docker engine does not start:"
      tail -n 20 "$run/logs/engine"
      return 1
    fi
    read -rt 0.5 <> <(:) || true
  done
}
# Of a run that was killed: with it ends what it still builds.
end_left_engine() {
  local pid
  pid=$(cat "$run/engine.pid" 2>/dev/null) || return 0
  { tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null | grep -qF "dockerd --data-root $run/engine " || return 0
  echo "Ending the Docker engine that a killed run left"
  kill "$pid"
  within 60 engine_gone "$pid" || kill -KILL "$pid"
}
engine_gone() { ! kill -0 "$1" 2>/dev/null; }
stop_engine() {
  if [[ -n $engine_pid ]]; then
    kill "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" 2>/dev/null || true
    # One that was killed leaves its data mounted on itself.
    while mountpoint -q "$run/engine"; do umount "$run/engine" || break; done
  fi
}
