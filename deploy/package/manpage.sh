#!/bin/sh
# Prints the manual page, dispatcher(1), made of what the program says of itself:
#
#   manpage.sh DISPATCHER
set -eu
program=$1

# Text as it is, safe from troff; lines that begin with a dot or an apostrophe, too.
literal() { sed -e 's/\\/\\e/g' -e "s/^\([.']\)/\\\\\&\1/" -e 's/-/\\-/g'; }

# Help as it stands on a screen: prose is filled, two columns become a list of terms, and what
# else is indented stays as it is.
paragraphs() {
  awk '
    function close_it() { if (kind == "as it is") print ".fi"; if (kind == "list") print ".PD" }
    /^$/ { blank = 1; next }
    {
      now = /^  [^ ].*[^ ]   *[^ ]/ ? "list" : /^ / ? "as it is" : "prose"
      if (now != kind || blank) {
        close_it()
        if (blank || kind == "list") print ".PP"
        if (now == "as it is") print ".nf"
        if (now == "list") print ".PD 0"
      }
      kind = now
      blank = 0
    }
    kind == "list" && match($0, /[^ ]   *[^ ]/) {
      print ".TP 22\n.B " substr($0, 3, RSTART - 2) "\n" substr($0, RSTART + RLENGTH - 1)
      next
    }
    { print }
    END { close_it() }'
}

version=$("$program" version)
cat <<END
.TH DISPATCHER 1 "" "$(echo "$version" | literal)" "User Commands"
.SH NAME
dispatcher \\- keeps service registries equal to what Marathon runs
.SH SYNOPSIS
.B dispatcher
[\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]
.SH DESCRIPTION
Reads Marathon's event stream and REST API, works out for every app and pod which instances
should receive traffic, and writes that to Consul (discovery), Vulcand (router) and Kong
(gateway), to any of them or all. Nothing is ever removed because an answer was missing, late,
empty or unauthorised. There is no state on disk.
.SH COMMANDS
.ad l
.nh
END
commands=$("$program" --help | sed -n 's/^  \([a-z][a-z-]*\) .*/\1/p')
for command in $commands; do
  printf '.SS %s\n' "$(echo "$command" | literal)"
  # All settings have a section of their own.
  "$program" "$command" --help | sed '/^Settings\./,$d' | literal | paragraphs
done
cat <<END
.SH SETTINGS
A YAML file (\\-\\-config) is overruled by the environment, and that by \\-\\-set. In the environment
marathon.urls is DISPATCHER_MARATHON__URLS: two underscores for a dot; lists are separated by
commas. Passwords and tokens come from files or the environment alone.
END
# Each with its meaning and, in a line of its own, what it takes.
"$program" config --help | sed '1,/^Settings\./d' | literal |
  sed -n -e 's/^  \([^ ][^ ]*\)  *\(.*\)/.TP\n.B \1\n\2/p' -e 's/^   *\(takes .*\)/.br\n\1/p'
cat <<END
.ad b
.hy
.SH SIGNALS
SIGTERM and SIGINT stop it within 2 s; all entries stay where they are. SIGHUP has the settings
read anew.
.SH FILES
.TP
.I /etc/dispatcher/dispatcher.yaml
Settings of the service that systemd starts.
.TP
.I /usr/share/doc/dispatcher
README.md with labels, metrics, alerts and what to do, and what it leads to: changes, rules and a
dashboard, definitions for Marathon; sbom.spdx.json, what the program is made of.
END
