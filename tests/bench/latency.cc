// How long from an event's bytes on the stream until Consul shows what it means,
// for single replacements at a rate and for a burst, beside bare writes of the same
// entries to the same Consul at the same time.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "dispatcher/base/strings.h"
#include "dispatcher/commands/arguments.h"
#include "tests/bench/figures.h"
#include "tests/bench/own_histogram.h"
#include "tests/bench/replacements.h"
#include "tests/bench/stage.h"

namespace dispatcher::bench {
namespace {

struct Rate {
  int apps, rate;
  double p50_aim;  // seconds
};

void PrintLatencies(const std::string& work, const std::string& who, const Latencies& latencies,
                    const std::string& aim) {
  PrintRow({work, who, std::to_string(latencies.sent), InMilliseconds(Quantile(latencies.born, 0.5)),
            InMilliseconds(Quantile(latencies.born, 0.99)), InMilliseconds(Quantile(latencies.born, 1)),
            InMilliseconds(Quantile(latencies.dead, 0.5)), InMilliseconds(Quantile(latencies.dead, 0.99)),
            std::to_string(latencies.lost), aim});
}

// Bare writes fall halfway between the dispatcher's.
absl::Status RunRate(const Rate& rate, int seconds, std::vector<std::string>& remarks) {
  const int count = std::min(rate.apps, rate.rate * seconds);
  ASSIGN_OR_RETURN(const auto stage, Stage::Set(rate.apps, count));
  const Duration apart = std::chrono::nanoseconds(std::chrono::seconds(1)) / rate.rate;
  const Mono first = MonoClock::now() + std::chrono::milliseconds(500);
  const auto before = OwnLatency(stage->subject.Metrics());
  const double cpu = stage->subject.CpuSeconds();

  Latencies floor;
  absl::Status floor_status;
  std::thread bare([&] {
    floor = ReplaceAtRate(stage->consul->url(), stage->bare, kBareOwner, count, first + apart / 2, apart,
                          [&](const Replacement& replacement) {
                            const std::vector<std::string> operations = BareWriter::Exchange(replacement);
                            const Mono begun = MonoClock::now();
                            floor_status.Update(stage->writer.Send(operations));
                            return begun;
                          });
  });
  const Latencies here =
      ReplaceAtRate(stage->consul->url(), stage->ours, kDispatcherOwner, count, first, apart,
                    [&](const Replacement& replacement) { return stage->marathon.Emit(replacement.frames); });
  bare.join();
  RETURN_IF_ERROR(floor_status);
  RETURN_IF_ERROR(Settled(*stage));

  const double p50 = Quantile(here.born, 0.5), p99 = Quantile(here.born, 0.99);
  const double p99_aim = 2 * Quantile(floor.born, 0.99);
  const bool met = here.lost == 0 && p50 <= rate.p50_aim && p99 <= p99_aim;
  const std::string work = std::to_string(rate.rate) + "/s, " + std::to_string(rate.apps) + " apps";
  PrintLatencies(work, "bare write", floor, "");
  PrintLatencies(work, "dispatcher", here,
                 "p50 <= " + InMilliseconds(rate.p50_aim) + ", p99 <= " + InMilliseconds(p99_aim) + ": " +
                     (met ? "yes" : "NO"));
  const double used = stage->subject.CpuSeconds() - cpu;
  remarks.push_back(work + ": the dispatcher's own histogram (receipt to confirmed write) " +
                    OwnQuantiles(before, OwnLatency(stage->subject.Metrics())) + "; CPU " + InSeconds(used) +
                    "; peak memory " + std::to_string(std::lround(stage->subject.PeakMegabytes())) +
                    " MB with " + std::to_string(2 * rate.apps) + " tasks");
  return absl::OkStatus();
}

absl::Status RunBursts(int apps, int runs) {
  ASSIGN_OR_RETURN(const auto stage, Stage::Set(apps, apps));
  std::vector<double> floor, here;
  for (int run = 0; run < runs; ++run) {
    ASSIGN_OR_RETURN(floor.emplace_back(), BurstFloor(*stage));
    const absl::StatusOr<double> took = BurstHere(*stage);
    if (!took.ok()) {
      return Annotate(took.status(), "burst: " + stage->subject.Log());
    }
    here.push_back(*took);
  }
  const double median = Median(here);
  std::puts("");
  PrintHead({"burst", "floor", "here", "least - most", "lost", "aim", "met", "peak memory"});
  PrintRow({std::to_string(apps) + " replacements, " + std::to_string(3 * apps) + " events",
            InSeconds(Median(floor)), InSeconds(median),
            InSeconds(Quantile(here, 0)) + " - " + InSeconds(Quantile(here, 1)), "0", InSeconds(0.5),
            median <= 0.5 ? "yes" : "NO",
            std::to_string(std::lround(stage->subject.PeakMegabytes())) + " MB"});
  return absl::OkStatus();
}

absl::Status RunAll(const std::vector<Rate>& rates, int seconds, int runs) {
  PrintHead(
      {"replacements", "who", "sent", "registered p50", "p99", "max", "removed p50", "p99", "lost", "aim"});
  std::vector<std::string> remarks;
  for (const Rate& rate : rates) {
    RETURN_IF_ERROR(RunRate(rate, seconds, remarks));
  }
  std::puts("");
  for (const std::string& remark : remarks) {
    std::puts(remark.c_str());
  }
  return RunBursts(1000, runs);
}

int Main(const std::vector<std::string>& words) {
  const auto arguments = ParseArguments(words, {{"--apps", "N", "apps, instead of the usual rows"},
                                                {"--rate", "N", "replacements a second (5)"},
                                                {"--seconds", "N", "how long (30)"},
                                                {"--runs", "N", "bursts; the median is shown (5)"}});
  if (!arguments.ok()) {
    std::fprintf(stderr, "latency: %s\n", std::string(Message(arguments.status())).c_str());
    return 2;
  }
  const auto number = [&](const char* option, int usual) {
    return static_cast<int>(ParseInt(arguments->Get(option)).value_or(usual));
  };
  std::vector<Rate> rates = {{1000, 5, 0.003}, {5000, 50, 0.005}};
  if (arguments->Has("--apps")) {
    rates = {{number("--apps", 1000), number("--rate", 5), 0.005}};
  }
  const absl::Status status = RunAll(rates, number("--seconds", 30), number("--runs", 5));
  if (!status.ok()) {
    std::fprintf(stderr, "latency: %s\n", std::string(Message(status)).c_str());
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) { return dispatcher::bench::Main({argv + 1, argv + argc}); }
