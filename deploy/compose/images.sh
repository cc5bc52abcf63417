# shellcheck shell=bash
# shellcheck disable=SC2154  # $run: demo-compose.sh
# Sourced by deploy/demo-compose.sh: the images, from their Dockerfiles where there is one,
# else of what Debian has.

# logged NAME COMMAND...: with the end of its log if it fails.
logged() {
  local log=$run/logs/$1
  shift
  "$@" >"$log" 2>&1 || {
    tail -n 20 "$log"
    return 1
  }
}

# image NAME ENTRYPOINT FILE...: the base with those files in /usr/bin.
image() {
  local name=$1 entrypoint=$2 folder=$run/images/$1
  shift 2
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$@" "$folder"
  printf 'FROM %s\nCOPY . /usr/bin/\nUSER 65534:65534\nENTRYPOINT ["%s"]\n' "$BASE" "$entrypoint" >"$run/images/$name.Dockerfile"
  logged "image-$name" docker build -q -f "$run/images/$name.Dockerfile" -t "dispatcher-demo/$name:local" "$folder"
}

# What stands in for Go's own image: this machine's Go on the base, and whom this machine
# trusts when it asks for modules.
make_go() {
  GO=dispatcher-demo/go:local GOPROXY=$(go env GOPROXY) GOSUMDB=$(go env GOSUMDB)
  export GO GOPROXY GOSUMDB
  mkdir -p "$run/images"
  printf 'FROM %s\nENV PATH=/go/bin:/usr/sbin:/usr/bin:/sbin:/bin\nCOPY . /\n' "$BASE" >"$run/images/Dockerfile"
  tar -h --transform 's,^\./,go/,' -c -C "$run/images" Dockerfile -C / etc/ssl/certs/ca-certificates.crt -C "$(go env GOROOT)" ./ |
    logged go docker build -t "$GO" -
}

# make_images FROM_SOURCE: whether Vulcand is built by its Dockerfile, too.
make_images() {
  local consul etcd prometheus
  echo "Making the images, some minutes the first time (logs in $run/logs)"
  logged base deploy/base.sh
  BASE=$(tail -n 1 "$run/logs/base")
  export BASE
  consul=$(tests/tools/fetch_consul.sh)
  etcd=$(tests/tools/fetch_etcd.sh)
  prometheus=$(tests/tools/fetch_prometheus.sh)
  image consul consul "$consul"
  image etcd env "$etcd"
  image prometheus prometheus "$prometheus"
  if $1; then
    make_go
    logged image-vulcand compose build vulcand
  else
    image vulcand vulcand "$(tests/tools/fetch_vulcand.sh)"
  fi
  logged image-marathon compose build marathon
  logged image-dispatcher deploy/image.sh
}

# MB of the dispatcher's image on top of its base.
image_size() {
  local sizes
  sizes=$(docker image inspect -f '{{.Size}}' dispatcher:local "$BASE" | paste -sd -)
  echo $(((sizes) / 1000000))
}
