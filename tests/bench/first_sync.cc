// How long from the dispatcher's start until Consul's catalog holds everything, beside a bare
// writer of the same entries, each against a fresh Consul.
#include <string>
#include <vector>

#include "tests/bench/bare_writer.h"
#include "tests/bench/catalog.h"
#include "tests/bench/figures.h"
#include "tests/bench/marathon.h"
#include "tests/bench/program.h"
#include "tests/bench/subject.h"
#include "tests/support/consul_server.h"

namespace dispatcher::bench {
namespace {

constexpr std::chrono::seconds kLimit(180);

struct Work {
  int apps, tasks;
  double allowance;   // seconds beside 1.5 times the floor
  double memory_aim;  // megabytes; 0: none
};

struct Measured {
  Turns turns;
  std::vector<double> memory, cpu;
};

absl::StatusOr<double> Floor(const Apps& apps) {
  ASSIGN_OR_RETURN(const auto consul, testing::ConsulServer::Start());
  const std::vector<std::string> operations = BareWriter::Everything(apps);
  BareWriter writer(consul->url());
  LastChange last_change(consul->url(), consul->options().node);
  const Mono begun = MonoClock::now();
  RETURN_IF_ERROR(writer.Send(operations));
  ASSIGN_OR_RETURN(const Mono ended, last_change.Await(apps, kBareOwner, kLimit));
  return Seconds(ended - begun);
}

absl::Status Here(const Apps& apps, Measured& measured) {
  ASSIGN_OR_RETURN(const auto consul, testing::ConsulServer::Start());
  Marathon marathon(apps);
  LastChange last_change(consul->url(), consul->options().node);
  const Subject subject({"marathon.urls=" + marathon.url(), "adapters.consul.url=" + consul->url()});
  const absl::StatusOr<Mono> ended = last_change.Await(apps, kDispatcherOwner, kLimit);
  if (!ended.ok()) {
    return Annotate(ended.status(), subject.Log());
  }
  measured.turns.here.push_back(Seconds(*ended - subject.begun()));
  measured.memory.push_back(subject.PeakMegabytes());
  measured.cpu.push_back(subject.CpuSeconds());
  return absl::OkStatus();
}

// In turns, so that what else the machine does hits both alike.
absl::Status Run(const Work& work, int runs) {
  const Apps apps("bench", work.apps, work.tasks);
  Measured measured;
  for (int run = 0; run < runs; ++run) {
    ASSIGN_OR_RETURN(const double floor, Floor(apps));
    measured.turns.floor.push_back(floor);
    RETURN_IF_ERROR(Here(apps, measured));
  }
  const std::string what = "first sync, " + std::to_string(work.apps) + " x " + std::to_string(work.tasks);
  Print(Compared(what, measured.turns, 1.5, work.allowance));
  Print({what + ": CPU", "", InSeconds(Median(measured.cpu)), "", ""});
  const double peak = Quantile(measured.memory, 1);
  Row memory{what + ": peak memory", "", InMegabytes(peak), "", ""};
  if (work.memory_aim > 0) {
    memory.aim = "<= " + Number(work.memory_aim, 0) + " MB";
    memory.met = peak <= work.memory_aim;
  }
  Print(memory);
  return absl::OkStatus();
}

absl::Status RunAll(const Chosen& chosen) {
  std::vector<Work> rows = {{1000, 2, 0.1, 0}, {5000, 2, 0, 40}, {20000, 3, 0, 150}};
  if (chosen.Has("--apps")) {
    rows = {{chosen.Number("--apps", 1000), chosen.Number("--tasks", 2), 0.1, 0}};
  } else if (chosen.quick()) {
    rows.resize(1);
  }
  for (const Work& row : rows) {
    RETURN_IF_ERROR(Run(row, chosen.Number("--runs", chosen.quick() ? 1 : 5)));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) {
  return dispatcher::bench::RunProgram(argc, argv,
                                       {{"--apps", "N", "apps, instead of the usual rows"},
                                        {"--tasks", "N", "tasks of each app (2)"},
                                        {"--runs", "N", "of each row; medians are shown (5)"}},
                                       dispatcher::bench::RunAll);
}
