// How long from the dispatcher's start until Consul's catalog holds everything,
// beside a bare writer of the same entries, each against a fresh Consul.
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "dispatcher/base/strings.h"
#include "dispatcher/commands/arguments.h"
#include "tests/bench/bare_writer.h"
#include "tests/bench/catalog.h"
#include "tests/bench/figures.h"
#include "tests/bench/marathon.h"
#include "tests/bench/subject.h"
#include "tests/support/consul_server.h"

namespace dispatcher::bench {
namespace {

constexpr std::chrono::seconds kLimit(60);

struct Work {
  int apps, tasks;
  double allowance;  // seconds beside 1.5 times the floor
};

struct Measured {
  std::vector<double> floor, here, ratio, memory, cpu;
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
  const Subject subject(marathon.url(), consul->url());
  const absl::StatusOr<Mono> ended = last_change.Await(apps, kDispatcherOwner, kLimit);
  if (!ended.ok()) {
    return Annotate(ended.status(), subject.Log());
  }
  measured.here.push_back(Seconds(*ended - subject.begun()));
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
    measured.floor.push_back(floor);
    RETURN_IF_ERROR(Here(apps, measured));
    measured.ratio.push_back(measured.here.back() / floor);
  }
  const double floor = Median(measured.floor), here = Median(measured.here);
  const double target = 1.5 * floor + work.allowance;
  PrintRow({std::to_string(work.apps) + " x " + std::to_string(work.tasks), InSeconds(floor), InSeconds(here),
            InSeconds(Quantile(measured.here, 0)) + " - " + InSeconds(Quantile(measured.here, 1)),
            InSeconds(target), here <= target ? "yes" : "NO",
            std::to_string(std::lround(Quantile(measured.memory, 1))) + " MB",
            InSeconds(Median(measured.cpu))});
  return absl::OkStatus();
}

int Main(const std::vector<std::string>& words) {
  const auto arguments = ParseArguments(words, {{"--apps", "N", "apps, instead of the usual rows"},
                                                {"--tasks", "N", "tasks of each app (2)"},
                                                {"--runs", "N", "of each row; medians are shown (5)"},
                                                {"--large", "", "20,000 x 3 too"}});
  if (!arguments.ok()) {
    std::fprintf(stderr, "first_sync: %s\n", std::string(Message(arguments.status())).c_str());
    return 2;
  }
  const auto number = [&](const char* option, int usual) {
    return static_cast<int>(ParseInt(arguments->Get(option)).value_or(usual));
  };
  std::vector<Work> rows = {{1000, 2, 0.1}, {5000, 2, 0}};
  if (arguments->Has("--apps")) {
    rows = {{number("--apps", 1000), number("--tasks", 2), 0.1}};
  }
  if (arguments->Has("--large")) {
    rows.push_back({20000, 3, 0});
  }
  PrintHead({"apps x tasks", "floor", "here", "least - most", "aim", "met", "peak memory", "CPU"});
  for (const Work& row : rows) {
    if (const absl::Status status = Run(row, number("--runs", 5)); !status.ok()) {
      std::fprintf(stderr, "first_sync: %s\n", std::string(Message(status)).c_str());
      return 1;
    }
  }
  return 0;
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) { return dispatcher::bench::Main({argv + 1, argv + argc}); }
