#!/bin/sh
# The stand-in Marathon with an agent at each of the container's addresses, which are on
# different networks.
set -eu
agents=$(hostname -I | xargs | tr ' ' ',')
exec marathon_sim --listen 0.0.0.0:8080 --hosts "$agents" "$@"
