#!/bin/bash
# Inside a root where /srv/dispatcher.deb is installed: enables it, and installs, removes and
# installs it again, all with a systemd that only writes down what it is told.
set -euo pipefail

fail() {
  echo "run_maintainer: $*"
  exit 1
}
link=/etc/systemd/system/multi-user.target.wants/dispatcher.service
policy=/usr/sbin/policy-rc.d
trap 'rm -rf /usr/bin/systemctl /run/systemd /told' EXIT

# As `systemctl enable` would.
mkdir -p "${link%/*}" /run/systemd/system
ln -s /lib/systemd/system/dispatcher.service "$link"
# Whatever it is asked is so: the service runs.
printf '#!/bin/sh\necho "$*" >>/told\n' >/usr/bin/systemctl
chmod +x /usr/bin/systemctl

# after ACTION TOLD: what dpkg does, and that systemd was told this of it and nothing else.
# Asking doesn't count.
after() {
  local of=dispatcher told
  [[ $1 != -i ]] || of=/srv/dispatcher.deb
  : >/told
  dpkg "$1" "$of" >/dev/null
  told=$(sed -e '/is-active\|is-enabled/d' -e 's/--quiet *\|--system *//g' /told | sort -u | paste -sd, -)
  [[ $told == "$2" ]] || fail "dpkg $1: systemd was told \"$told\", not \"$2\""
  [[ -L $link ]] || fail "dpkg $1: it is not enabled any more"
}

rm -f "$policy"  # debootstrap's
after -i "daemon-reload,restart dispatcher.service"
after -r "daemon-reload,stop dispatcher.service"
[[ ! -e /usr/bin/dispatcher && -e /etc/dispatcher/dispatcher.yaml ]] || fail "dpkg -r leaves what it should not, or takes the settings"
after -i "daemon-reload,restart dispatcher.service"
# Where services are not to be touched, as while an image is made.
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod +x "$policy"
after -i "daemon-reload"
after -r "daemon-reload"
after -i "daemon-reload"
