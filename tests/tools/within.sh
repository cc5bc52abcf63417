# shellcheck shell=bash
# Sourced. within SECONDS COMMAND...: asks again until the command succeeds, and fails if it never does.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || return 1
    read -rt 0.1 <> <(:) || true
  done
}
