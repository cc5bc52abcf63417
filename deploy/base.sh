#!/usr/bin/env bash
# Prints the name of the image that ours are built on: debian:trixie-slim, or where that
# can't be pulled, one made by debootstrap, which needs root.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/.."

base=debian:trixie-slim
if ! docker image inspect "$base" >/dev/null 2>&1 && ! docker pull -q "$base" >&2; then
  echo "base: $base can't be pulled: one made by debootstrap stands in for it" >&2
  base=dispatcher-base:trixie
  if ! docker image inspect "$base" >/dev/null 2>&1; then
    tests/tools/packages.sh package >&2
    root=build/roots/trixie
    tests/tools/debian_root.sh trixie "$root" >&2
    # As the real one, it has no documents but copyrights, and packages bring it none.
    printf 'path-%s\n' 'exclude /usr/share/doc/*' 'include /usr/share/doc/*/copyright' 'exclude /usr/share/man/*' \
      'exclude /usr/share/locale/*' >"$root/etc/dpkg/dpkg.cfg.d/docker"
    {
      printf '%s\n' './var/cache/apt/*' './var/lib/apt/lists/*' './usr/share/man/*' './usr/share/locale/*'
      (cd "$root" && find ./usr/share/doc -type f ! -name copyright)
    } | tar -C "$root" --one-file-system -X - -c . | docker import -c 'CMD ["bash"]' - "$base" >&2
  fi
fi
echo "$base"
