# shellcheck shell=bash
# shellcheck disable=SC2154  # $run: demo-compose.sh
# Sourced by deploy/demo-compose.sh: images made of what Debian and this tree have.

# image NAME ENTRYPOINT FILE...: a Debian 12 with what our programs are linked with, and
# those files in /usr/bin.
image() {
  local name=$1 entrypoint=$2 folder=$run/images/$1
  shift 2
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "$@" "$folder"
  printf 'FROM dispatcher-demo/base:local\nCOPY . /usr/bin/\nUSER 65534:65534\nENTRYPOINT ["%s"]\n' "$entrypoint" \
    >"$run/images/$name.Dockerfile"
  docker build -q -f "$run/images/$name.Dockerfile" -t "dispatcher-demo/$name:local" "$folder" >"$run/logs/image-$name"
}

make_base() {
  docker image inspect dispatcher-demo/base:local >"$run/logs/base" 2>&1 && return
  local root=build/roots/compose
  tests/tools/debian_root.sh bookworm $root build/roots/bookworm
  tests/tools/in_root.sh $root -- sh -c 'apt-get update -q && apt-get install -qy --no-install-recommends hostname \
    libabsl20220623 libcpp-httplib0.11 libspdlog1.10 libyaml-cpp0.7 && apt-get clean'
  tar -C $root --one-file-system -c . | docker import - dispatcher-demo/base:local
  rm -rf --one-file-system $root $root.made
}

make_images() {
  local consul etcd prometheus vulcand
  echo "Making the images (logs in $run/logs)"
  consul=$(tests/tools/fetch_consul.sh)
  etcd=$(tests/tools/fetch_etcd.sh)
  prometheus=$(tests/tools/fetch_prometheus.sh)
  vulcand=$(tests/tools/fetch_vulcand.sh)
  {
    cmake --preset release && cmake --build --preset release --target marathon_sim kong_model_main
    make_base
  } >"$run/logs/base" 2>&1 || { tail -n 20 "$run/logs/base"; return 1; }
  image consul consul "$consul"
  image etcd env "$etcd"
  image prometheus prometheus "$prometheus"
  image vulcand vulcand "$vulcand"
  image marathon marathon.sh build/release/bin/marathon_sim deploy/compose/marathon.sh
  image kong-model kong_model build/release/bin/kong_model
  deploy/image.sh >"$run/logs/image-dispatcher" 2>&1 || { tail -n 20 "$run/logs/image-dispatcher"; return 1; }
}

# MB of the dispatcher's image on top of its base.
image_size() {
  local base
  for base in debian:trixie-slim dispatcher-base:trixie; do
    if docker image inspect "$base" >"$run/logs/base-image" 2>&1; then
      break
    fi
  done
  echo $((($(docker image inspect -f '{{.Size}}' dispatcher:local) - $(jq '.[0].Size' "$run/logs/base-image")) / 1000000))
}
