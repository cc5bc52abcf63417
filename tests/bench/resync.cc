// What a complete comparison costs when nothing has changed: Marathon and Consul are read whole
// and nothing is written. The floor is the time in which a client that throws the bytes away
// receives the same answers, one after the other.
#include <algorithm>
#include <string>
#include <vector>

#include "tests/bench/figures.h"
#include "tests/bench/program.h"
#include "tests/bench/scene.h"
#include "tests/support/wait.h"

namespace dispatcher::bench {
namespace {

constexpr Duration kStill = std::chrono::milliseconds(250);
constexpr std::chrono::seconds kWithin(60);
// Of ours in Consul, one a host; each is read.
constexpr size_t kNodes = 10;

// An event that can't be understood makes a complete read due at once, as the clock does else.
constexpr const char* kGap = "event: status_update_event\r\ndata: {\r\n\r\n";

struct Measured {
  Turns turns;
  std::vector<double> cpu;
  Traffic marathon, registry;  // of the last
};

bool Blocking(const std::string& target) { return target.find("index=") != std::string::npos; }

// Asks for the same again.
absl::Status Receive(const std::string& url, const std::vector<std::string>& targets) {
  HttpClient client(HttpOptions(url));
  for (const std::string& target : targets) {
    if (!Blocking(target)) {
      HttpRequest request;
      request.target = target;
      RETURN_IF_ERROR(client.Stream(
          request, Cancel(), [](const HttpHead&) { return absl::OkStatus(); },
          [](std::string_view) { return absl::OkStatus(); }));
    }
  }
  return absl::OkStatus();
}

absl::Status Turn(Scene& scene, Measured& measured) {
  scene.to_marathon.TakeReads();
  scene.to_registry.TakeReads();
  const Traffic marathon = scene.to_marathon.traffic(), registry = scene.to_registry.traffic();
  const double cpu = scene.subject.CpuSeconds();
  const Mono told = scene.marathon.Emit(kGap);
  // The budget for reads may put it off; then from the request on.
  Mono begun{}, ended{};
  std::vector<std::string> asked, compared;
  const bool done = testing::WaitFor(
      [&] {
        for (std::string& target : scene.to_marathon.TakeReads()) {
          asked.push_back(std::move(target));
        }
        for (std::string& target : scene.to_registry.TakeReads()) {
          if (!Blocking(target)) {
            compared.push_back(std::move(target));
          }
        }
        if (begun == Mono{} && scene.to_marathon.traffic().reads > marathon.reads) {
          begun = MonoClock::now();
        }
        ended = std::max(scene.to_marathon.last_byte(), scene.to_registry.last_byte());
        // Between Marathon's last byte and the first question to Consul all is merged.
        return begun != Mono{} && compared.size() >= kNodes && MonoClock::now() - ended > kStill;
      },
      kWithin);
  if (!done) {
    return Error(absl::StatusCode::kDeadlineExceeded, "no resync came: ", scene.subject.Log());
  }
  measured.marathon = scene.to_marathon.traffic() - marathon;
  measured.registry = scene.to_registry.traffic() - registry;
  if (measured.registry.writes > 0) {
    return Error(absl::StatusCode::kInternal, "a resync without a change wrote");
  }
  measured.turns.here.push_back(Seconds(ended - std::max(told, begun)));
  measured.cpu.push_back(scene.subject.CpuSeconds() - cpu);
  const Mono floor = MonoClock::now();
  RETURN_IF_ERROR(Receive(scene.marathon.url(), asked));
  RETURN_IF_ERROR(Receive(scene.registry->url(), compared));
  measured.turns.floor.push_back(Seconds(MonoClock::now() - floor));
  // Until the next may be read, so that its beginning can be seen.
  KeepTo(ended + 12 * (ended - begun));
  return absl::OkStatus();
}

std::string Told(const Traffic& traffic) {
  return InMegabytes(static_cast<double>(traffic.bytes()) / 1e6) + " in " + std::to_string(traffic.reads) +
         " requests";
}

absl::Status Run(int apps, int turns) {
  ASSIGN_OR_RETURN(auto consul, StartConsulCatalog());
  ASSIGN_OR_RETURN(const auto scene, Scene::Set(std::move(consul), apps, 0));
  RETURN_IF_ERROR(scene->Settled().status());
  Measured measured;
  KeepTo(MonoClock::now() + std::chrono::seconds(2));  // the first read has its budget, too
  for (int turn = 0; turn < turns; ++turn) {
    RETURN_IF_ERROR(Turn(*scene, measured));
  }
  const std::string work = "resync without a change, " + std::to_string(apps) + " x 2";
  Print(Compared(work, measured.turns));
  Print({work + ": CPU", "", InSeconds(Median(measured.cpu)), "", ""});
  Print({work + ": Marathon is asked for", "", Told(measured.marathon), "", ""});
  Print({work + ": Consul is asked for", "", Told(measured.registry), "", ""});
  return absl::OkStatus();
}

absl::Status RunAll(const Chosen& chosen) {
  const int turns = chosen.Number("--turns", chosen.quick() ? 1 : 5);
  RETURN_IF_ERROR(Run(1000, turns));
  return chosen.quick() ? absl::OkStatus() : Run(5000, turns);
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) {
  return dispatcher::bench::RunProgram(argc, argv, {{"--turns", "N", "of each row; medians are shown (5)"}},
                                       dispatcher::bench::RunAll);
}
