// What the dispatcher takes: processor time and memory at rest, and over a minute of 1,000
// replacements a second, at whose end nothing may have grown.
#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "tests/bench/figures.h"
#include "tests/bench/pace.h"
#include "tests/bench/program.h"
#include "tests/bench/scene.h"
#include "tests/bench/stolen.h"

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

// Of so many replacements a second.
struct Storm {
  Registered registered;
  double stolen = 0;  // percent
  // Of the dispatcher's alone.
  Watched watched;
  double used = 0, took = 0;  // seconds
  double at_rest = 0;         // MB
};

absl::StatusOr<Storm> Ours(int apps, int rate, int seconds) {
  ASSIGN_OR_RETURN(const auto scene, Ready(apps, 0));
  const Subject& subject = scene->subject;
  Storm storm;
  storm.at_rest = subject.ResidentMegabytes();
  const Stolen stolen;
  const double cpu = subject.CpuSeconds();
  const Mono begun = MonoClock::now();
  std::thread load([&] { storm.registered = scene->AtPace(rate * seconds, Apart(rate)); });
  for (int second = 1; second <= seconds; ++second) {
    KeepTo(begun + std::chrono::seconds(second));
    storm.watched.resident.push_back(subject.ResidentMegabytes());
    storm.watched.inbox.push_back(subject.Metric("dispatcher_inbox_events"));
    storm.watched.planned.push_back(subject.Metric("dispatcher_changes_planned"));
  }
  load.join();
  storm.took = Seconds(MonoClock::now() - begun);
  storm.used = subject.CpuSeconds() - cpu;
  storm.stolen = stolen.Percent();
  RETURN_IF_ERROR(scene->Settled().status());
  return storm;
}

absl::StatusOr<Storm> Floor(int apps, int rate, int seconds) {
  ASSIGN_OR_RETURN(const auto scene, Ready(1, apps));
  const Stolen stolen;
  Storm storm;
  ASSIGN_OR_RETURN(storm.registered, scene->BareAtPace(rate * seconds, Apart(rate)));
  storm.stolen = stolen.Percent();
  return storm;
}

// A Consul to each side, one after the other: the tail is made of the rounds in which it
// collects its garbage, and the other side's instances would be in each of them.
absl::Status Load(int apps, int rate, int seconds) {
  ASSIGN_OR_RETURN(const Storm storm, Ours(apps, rate, seconds));
  const std::string work =
      std::to_string(rate) + "/s for " + std::to_string(seconds) + " s, " + std::to_string(apps) + " apps";
  if (storm.registered.lost > 0) {
    return Error(absl::StatusCode::kDataLoss, work, ": ", std::to_string(storm.registered.lost),
                 " never came");
  }
  ASSIGN_OR_RETURN(const Storm bare, Floor(apps, rate, std::min(seconds, 20)));
  const double p99 = Quantile(storm.registered.seconds, 0.99),
               floor = Quantile(bare.registered.seconds, 0.99);
  Print({work + ": p50", InMilliseconds(Quantile(bare.registered.seconds, 0.5)),
         InMilliseconds(Quantile(storm.registered.seconds, 0.5)), "", ""});
  Row tail{work + ": p99", InMilliseconds(floor), InMilliseconds(p99), Number(p99 / floor, 2), "<= 100.0 ms"};
  tail.met = p99 <= 0.1;
  Print(tail);
  Print({work + ": all cores' time that the host gave to others", Number(bare.stolen, 1) + " %",
         Number(storm.stolen, 1) + " %", "", ""});
  Print({work + ": CPU, of a core", "", Number(100 * storm.used / storm.took, 1) + " %", "", ""});
  Print({work + ": CPU per replacement", "", Number(1e6 * storm.used / (rate * seconds), 0) + " us", "", ""});
  const Watched& watched = storm.watched;
  const double memory = Growth(watched.resident);
  Row grown{work + ": memory, first to last", "",
            InMegabytes(storm.at_rest) + " -> " + InMegabytes(watched.resident.back()), "", ""};
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
