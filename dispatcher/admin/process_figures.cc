#include "dispatcher/admin/process_figures.h"

#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <system_error>

namespace dispatcher {
namespace {

void ReadUsage(ProcessFigures& figures) {
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto seconds = [](const timeval& time) {
      return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    figures.cpu_seconds = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY) {
    figures.max_fds = static_cast<double>(limit.rlim_cur);
  }
}

void ReadMemory(ProcessFigures& figures) {
  std::ifstream statm("/proc/self/statm");
  double size = 0;
  double resident = 0;
  if (statm >> size >> resident) {
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    figures.virtual_bytes = size * page;
    figures.resident_bytes = resident * page;
  }
}

// Of /proc/self alone: a service with ProcSubset=pid doesn't see /proc/stat, which knows the boot's time.
std::optional<double> StartTime() {
  // proc(5): the 22nd field is the start in ticks since the boot. The second is the
  // program's name in parentheses, which may hold blanks and parentheses itself.
  std::ifstream stat("/proc/self/stat");
  std::string line;
  std::getline(stat, line);
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) {
    return std::nullopt;
  }
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) {
    fields >> field;
  }
  timespec now{};
  timespec since_boot{};
  if (!fields || clock_gettime(CLOCK_REALTIME, &now) != 0 ||
      clock_gettime(CLOCK_BOOTTIME, &since_boot) != 0) {
    return std::nullopt;
  }
  const auto seconds = [](const timespec& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
  };
  return seconds(now) - seconds(since_boot) +
         std::strtod(field.c_str(), nullptr) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

void ReadStart(ProcessFigures& figures) {
  // Once: a clock that is set afterwards is no other start.
  static const std::optional<double> start = StartTime();
  figures.start_time_seconds = start;
}

void CountFiles(ProcessFigures& figures) {
  std::error_code error;
  double count = -1;  // the directory that is read is open itself
  for (std::filesystem::directory_iterator i("/proc/self/fd", error), end; !error && i != end;
       i.increment(error)) {
    ++count;
  }
  if (!error && count >= 0) {
    figures.open_fds = count;
  }
}

}  // namespace

ProcessFigures ReadProcessFigures() {
  ProcessFigures figures;
  ReadUsage(figures);
  ReadMemory(figures);
  ReadStart(figures);
  CountFiles(figures);
  return figures;
}

}  // namespace dispatcher
