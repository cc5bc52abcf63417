#!/usr/bin/env bash
# The rules of the house that no compiler knows. Prints each breach with its place
# and what to do about it; exits 1 if there is one.
set -euo pipefail
CDPATH='' cd "$(dirname "$0")/../.."

breaches=0
# forbid WHAT-TO-DO PATTERN PATH... : no line of those files may match. Comments are
# let through; so are files named in $except (a regular expression over paths).
forbid() {
  local remedy=$1 pattern=$2 found path
  shift 2
  local present=()
  for path in "$@"; do [[ -e $path ]] && present+=("$path"); done
  ((${#present[@]} > 0)) || return 0
  found=$(grep -rnE --include='*.cc' --include='*.h' "$pattern" "${present[@]}" |
    grep -vE '^[^:]+:[0-9]+: *//' | grep -vE "^(${except:-no-such-file}):" || true)
  if [[ -n $found ]]; then
    printf '%s\n    -> %s\n' "$found" "$remedy"
    breaches=$((breaches + 1))
  fi
}

all=(dispatcher adapters tests)
pure=(dispatcher/model dispatcher/marathon/codec dispatcher/catalog dispatcher/reconcile tests/world
  dispatcher/leader/election.cc dispatcher/leader/election.h)

# wait.cc is the one place that waits; sim_http.cc delays an answer when told to;
# benches pace the load they make.
except='tests/support/wait\.cc|tests/marathon_sim/sim_http\.cc|tests/bench/[a-z_]+\.cc' forbid "wait on a condition with a deadline, or step the time: no sleeps" \
  '\b(sleep_for|sleep_until|usleep|nanosleep|absl::SleepFor)\b|[^_[:alnum:]]sleep\(' "${all[@]}"
forbid "pure rooms take the time as an argument" \
  '\b(MonoClock::now|SystemClock|system_clock|steady_clock|high_resolution_clock|absl::Now|gettimeofday|clock_gettime)\b' \
  "${pure[@]}"
# The board by which tiers know of each other is the one thing that reconcilers share.
except='dispatcher/reconcile/tiers\.(h|cc)' forbid "pure rooms have no threads, locks or sockets" \
  '#include <(thread|mutex|atomic|condition_variable|future|sys/socket.h|unistd.h)>|base/mutex.h' "${pure[@]}"
forbid "use base/mutex.h: std::mutex carries no annotations, and absl's confuses TSan" \
  'absl::(Mutex|Notification|BlockingCounter)|absl/synchronization' "${all[@]}"

except='dispatcher/net/[a-z_]+\.cc' forbid "HTTP goes through net/" '#include [<"]httplib' "${all[@]}"
except='dispatcher/base/json[a-z_]*\.cc' forbid "JSON goes through base/json.h" '#include [<"]nlohmann' "${all[@]}"
except='dispatcher/base/log\.cc' forbid "logging goes through base/log.h" '#include [<"]spdlog' "${all[@]}"
# Kong's own configuration file is YAML.
except='dispatcher/config/[a-z_]+\.cc|tests/kong_model/config\.cc' forbid "YAML goes through config/" '#include [<"]yaml-cpp' "${all[@]}"
except='dispatcher/admin/[a-z_]+\.(cc|h)' forbid "metrics go through admin/" '#include [<"]prometheus' "${all[@]}"

# With CDPATH in the environment `cd tests/..` may end elsewhere, and prints where.
strays=$(grep -rnE --include='*.sh' 'cd "\$\(dirname' deploy tests | grep -v "CDPATH='' cd" | grep -v 'check_style.sh:[0-9]*:strays' || true)
if [[ -n $strays ]]; then
  printf '%s\n    -> %s\n' "$strays" "CDPATH='' cd"
  breaches=$((breaches + 1))
fi

# arrows FOLDER ALLOWED: what the files of a folder may include of ours.
arrows() {
  [[ -d $1 ]] || return 0
  local found
  found=$(grep -rnE --include='*.cc' --include='*.h' '#include "(dispatcher|adapters|tests)/' "$1" |
    grep -vE "#include \"($2)" || true)
  if [[ -n $found ]]; then
    printf '%s\n    -> %s may include only %s\n' "$found" "$1" "$2"
    breaches=$((breaches + 1))
  fi
}
core='dispatcher/base/|dispatcher/model/'
arrows dispatcher/base 'dispatcher/base/'
arrows dispatcher/model "$core"
arrows dispatcher/net 'dispatcher/base/|dispatcher/net/'
arrows dispatcher/marathon/codec "$core|dispatcher/marathon/codec/"
# settings.h and http.h are plain values: a room may know them without what stands behind.
arrows dispatcher/marathon/client "$core|dispatcher/net/|dispatcher/marathon/|dispatcher/config/settings.h"
arrows dispatcher/catalog "$core|dispatcher/catalog/"
arrows dispatcher/reconcile "$core|dispatcher/reconcile/|adapters/[a-z_]+\.h"
arrows dispatcher/config 'dispatcher/base/|dispatcher/config/|dispatcher/net/http.h'
arrows dispatcher/recording "$core|dispatcher/(catalog|recording)/"
arrows dispatcher/leader 'dispatcher/(base|net|leader)/|adapters/secret(_call)?.h'
arrows dispatcher/engine "$core|dispatcher/(net|leader|marathon|catalog|recording|reconcile|config|statics|engine)/|adapters/"
for folder in adapters/*/; do
  folder=${folder%/}
  arrows "$folder" "$core|dispatcher/net/|adapters/[a-z_]+\.h|adapters/succession/|$folder/"
done
arrows tests/world 'dispatcher/base/|tests/world/|tests/support/'

while read -r lines path; do
  if ((lines > 600)) && [[ $path != total ]]; then
    echo "$path has $lines lines"
    echo "    -> no file is longer than 600: split it by idea"
    breaches=$((breaches + 1))
  fi
done < <(find "${all[@]}" -name '*.cc' -print0 -o -name '*.h' -print0 | xargs -0 wc -l)

if ((breaches > 0)); then
  echo "$breaches rules broken"
  exit 1
fi
echo "The rules hold."
