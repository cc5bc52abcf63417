// What the dispatcher takes: processor time and memory at rest, and over a minute of 1,000
// replacements a second, at whose end nothing may have grown.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "tests/bench/figures.h"
#include "tests/bench/program.h"
#include "tests/bench/scene.h"

namespace dispatcher::bench {
namespace {

constexpr const char* kSnapshots = "dispatcher_marathon_read_duration_seconds_count{kind=\"snapshot\"}";
constexpr const char* kAppReads = "dispatcher_marathon_read_duration_seconds_count{kind=\"app\"}";

std::string PerTask(double megabytes, int tasks) { return Number(megabytes * 1024 / tasks, 2) + " KB"; }

absl::StatusOr<std::unique_ptr<Scene>> Ready(int apps, int bare_apps) {
  ASSIGN_OR_RETURN(auto consul, StartConsulCatalog());
  ASSIGN_OR_RETURN(auto scene, Scene::Set(std::move(consul), apps, bare_apps));
  RETURN_IF_ERROR(scene->Settled().status());
  return scene;
}

// A minute holds one resync.
absl::Status Rest(int apps, int seconds) {
  ASSIGN_OR_RETURN(const auto scene, Ready(apps, 0));
  const Subject& subject = scene->subject;
  const double snapshots = subject.Metric(kSnapshots), reads = subject.Metric(kAppReads);
  const double begun = subject.CpuSeconds();
  KeepTo(MonoClock::now() + std::chrono::seconds(seconds));
  const double used = (subject.CpuSeconds() - begun) / seconds;
  const int resyncs = seconds / 60 + 1;
  const double more = subject.Metric(kSnapshots) - snapshots + subject.Metric(kAppReads) - reads;
  const std::string work = "at rest, " + std::to_string(apps) + " x 2, " + std::to_string(seconds) + " s";
  Row cpu{work + ": CPU, of a core", "", Number(100 * used, 2) + " %", "", "<= 0.5 %"};
  cpu.met = used <= 0.005;
  Print(cpu);
  Row read{work + ": reads of Marathon", "", Number(more, 0), "", "<= " + std::to_string(resyncs)};
  read.met = more <= resyncs;
  Print(read);
  Print({work + ": memory", "", InMegabytes(subject.ResidentMegabytes()), "", ""});
  return absl::OkStatus();
}

absl::Status MemoryPerTask() {
  ASSIGN_OR_RETURN(const auto none, Ready(1, 0));
  ASSIGN_OR_RETURN(const auto some, Ready(5000, 0));
  const double empty = none->subject.ResidentMegabytes(), full = some->subject.ResidentMegabytes();
  Print({"memory with one app", "", InMegabytes(empty), "", ""});
  Print({"memory per task, 5000 x 2", "", PerTask(full - empty, 10000), "", ""});
  return absl::OkStatus();
}

// Looked at once a second while the load lasts.
struct Watched {
  std::vector<double> resident, inbox, planned;
};

// Linear growth a second over the second half of the time, where all has found its size.
double Growth(const std::vector<double>& values) {
  const size_t half = values.size() / 2, count = values.size() - half;
  double x = 0, y = 0, xx = 0, xy = 0;
  for (size_t i = 0; i < count; ++i) {
    const double at = static_cast<double>(i), value = values[half + i];
    x += at, y += value, xx += at * at, xy += at * value;
  }
  const double n = static_cast<double>(count), spread = n * xx - x * x;
  return spread > 0 ? (n * xy - x * y) / spread : 0;
}

absl::Status Load(int apps, int rate, int seconds) {
  ASSIGN_OR_RETURN(const auto scene, Ready(apps, apps));
  const Subject& subject = scene->subject;
  const double cpu = subject.CpuSeconds(), at_rest = subject.ResidentMegabytes();
  const Duration apart = std::chrono::nanoseconds(std::chrono::seconds(1)) / rate;
  const Mono begun = MonoClock::now();
  Watched watched;
  Registered registered;
  std::thread load([&] { registered = scene->AtPace(rate * seconds, apart); });
  for (int second = 1; second <= seconds; ++second) {
    KeepTo(begun + std::chrono::seconds(second));
    watched.resident.push_back(subject.ResidentMegabytes());
    watched.inbox.push_back(subject.Metric("dispatcher_inbox_events"));
    watched.planned.push_back(subject.Metric("dispatcher_changes_planned"));
  }
  load.join();
  const double took = Seconds(MonoClock::now() - begun), used = subject.CpuSeconds() - cpu;
  RETURN_IF_ERROR(scene->Settled().status());
  const std::string work =
      std::to_string(rate) + "/s for " + std::to_string(seconds) + " s, " + std::to_string(apps) + " apps";
  if (registered.lost > 0) {
    return Error(absl::StatusCode::kDataLoss, work, ": ", std::to_string(registered.lost), " never came");
  }
  ASSIGN_OR_RETURN(const Registered bare, scene->BareAtPace(rate * std::min(seconds, 10), apart));
  const double p99 = Quantile(registered.seconds, 0.99), floor = Quantile(bare.seconds, 0.99);
  Print({work + ": p50", InMilliseconds(Quantile(bare.seconds, 0.5)),
         InMilliseconds(Quantile(registered.seconds, 0.5)), "", ""});
  Row tail{work + ": p99", InMilliseconds(floor), InMilliseconds(p99), Number(p99 / floor, 2), "<= 100.0 ms"};
  tail.met = p99 <= 0.1;
  Print(tail);
  Print({work + ": CPU, of a core", "", Number(100 * used / took, 1) + " %", "", ""});
  Print({work + ": CPU per replacement", "", Number(1e6 * used / (rate * seconds), 0) + " us", "", ""});
  const double memory = Growth(watched.resident);
  Row grown{work + ": memory, first to last", "",
            InMegabytes(at_rest) + " -> " + InMegabytes(watched.resident.back()), "", ""};
  Print(grown);
  // A megabyte in ten seconds is what an allocator's own habits can make.
  Row growth{work + ": its growth in the second half", "", Number(1024 * memory, 0) + " KB/s", "",
             "none (<= 100 KB/s)"};
  growth.met = 1024 * memory <= 100;
  Print(growth);
  const double queues = Growth(watched.inbox) + Growth(watched.planned);
  Row queued{work + ": events and changes that wait, at most, at the end", "",
             Number(Quantile(watched.inbox, 1) + Quantile(watched.planned, 1), 0) + ", " +
                 Number(watched.inbox.back() + watched.planned.back(), 0),
             "", "no growth"};
  // A hundredth of what comes in would be a queue.
  queued.met = queues <= 0.01 * rate;
  Print(queued);
  return absl::OkStatus();
}

absl::Status RunAll(const Chosen& chosen) {
  const bool quick = chosen.quick();
  RETURN_IF_ERROR(Rest(1000, quick ? 6 : 60));
  if (!quick) {
    RETURN_IF_ERROR(MemoryPerTask());
  }
  return Load(chosen.Number("--apps", quick ? 1000 : 5000), chosen.Number("--rate", 1000),
              chosen.Number("--seconds", quick ? 6 : 60));
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) {
  return dispatcher::bench::RunProgram(argc, argv,
                                       {{"--apps", "N", "under load (5000)"},
                                        {"--rate", "N", "replacements a second (1000)"},
                                        {"--seconds", "N", "of load (60)"}},
                                       dispatcher::bench::RunAll);
}
