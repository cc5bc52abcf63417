// The hot paths alone: how much of each a core does in a second, and what it takes in memory.
//
// --count NAME does one of them once, on a small input, for callgrind
// (tests/tools/instructions.sh).
#include <malloc.h>

#include <cstdio>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "tests/bench/figures.h"
#include "tests/bench/program.h"
#include "tests/bench/works.h"
#include "tests/support/cpu_time.h"

// What callgrind counts: by this name, so it must not be inlined.
extern "C" __attribute__((noinline)) void DispatcherBenchCounted(dispatcher::bench::Work& work) {
  work.Run();
}

namespace dispatcher::bench {
namespace {

// Of this process, in megabytes; 0 where there is no such field.
double Memory(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) {
      return std::strtod(line.c_str() + field.size(), nullptr) / 1024;
    }
  }
  return 0;
}

// VmHWM is what is resident now, from here on; and what was freed is resident no more.
void ForgetPeak() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

double TimeOf(const std::function<void()>& run) {
  const testing::CpuTime time;
  run();
  return time.Seconds();
}

std::string Speed(const KnownWork& known, double units) {
  return known.unit == "MB" ? Number(units, 0) + " MB/s"
                            : Number(units / 1000, 0) + ",000 " + known.unit + "/s";
}

absl::Status Measure(const KnownWork& known, const Chosen& chosen) {
  const std::unique_ptr<Work> work = known.make(chosen.quick() ? known.counted : known.usual);
  std::vector<double> here, floor;
  double peak = 0;
  for (int run = 0; run < chosen.Number("--runs", chosen.quick() ? 1 : 5); ++run) {
    work->Prepare();
    ForgetPeak();
    const double before = Memory("VmRSS:");
    here.push_back(TimeOf([&] { work->Run(); }));
    // The first alone: later ones find the memory of those before them.
    peak = run == 0 ? Memory("VmHWM:") - before : peak;
    if (!known.floor.empty()) {
      floor.push_back(TimeOf([&] { (void)work->RunFloor(); }));
    }
  }
  Row row{"micro, " + known.what, "", Speed(known, work->units() / Median(here)), "", ""};
  if (!floor.empty()) {
    row.floor = known.floor + ": " + Speed(known, work->units() / Median(floor));
    row.ratio = Number(Median(here) / Median(floor), 2);
  }
  Print(row);
  Print({"micro, " + known.what + ": memory on top", "", InMegabytes(peak), "", ""});
  return absl::OkStatus();
}

absl::Status RunAll(const Chosen& chosen) {
  for (const KnownWork& known : AllWorks()) {
    if (chosen.Get("--count") == known.name) {
      const std::unique_ptr<Work> work = known.make(known.counted);
      work->Prepare();
      DispatcherBenchCounted(*work);
      return absl::OkStatus();
    }
    if (!chosen.Has("--count") && (!chosen.Has("--work") || chosen.Get("--work") == known.name)) {
      RETURN_IF_ERROR(Measure(known, chosen));
    }
  }
  return chosen.Has("--count") ? Error(absl::StatusCode::kNotFound, "no work ", chosen.Get("--count"))
                               : absl::OkStatus();
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) {
  return dispatcher::bench::RunProgram(argc, argv,
                                       {{"--work", "NAME", "sse, decode, merge, snapshot or plan alone"},
                                        {"--count", "NAME", "that one once, on a small input"},
                                        {"--runs", "N", "of each; medians are shown (5)"}},
                                       dispatcher::bench::RunAll);
}
