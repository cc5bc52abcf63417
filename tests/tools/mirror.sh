#!/bin/sh
# Prints the address of the Debian mirror that this machine's apt is set to use for its
# own release: other releases are had from there, too.
set -eu

. /etc/os-release
mirror=$(apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
  awk -v release="$VERSION_CODENAME" '$1 == release && $2 == "main" {print $3; exit}')
if [ -z "$mirror" ]; then
  echo "mirror: apt names none for $VERSION_CODENAME main: add one to its sources" >&2
  exit 1
fi
echo "$mirror"
