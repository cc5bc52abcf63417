// What the kernel counts of this process, by the names all programs give it to Prometheus.
#pragma once

#include <optional>

namespace dispatcher {

// Each is none where the kernel doesn't tell.
struct ProcessFigures {
  std::optional<double> cpu_seconds;         // user and system, since the start
  std::optional<double> start_time_seconds;  // since the epoch
  std::optional<double> resident_bytes, virtual_bytes;
  std::optional<double> open_fds, max_fds;  // max: none if there is no limit
};

// From /proc, which is in memory: well under a millisecond. Any thread.
ProcessFigures ReadProcessFigures();

}  // namespace dispatcher
