// Every registry there is: first sync, a rate, a burst, and what is asked of Marathon and of the
// registry for one replacement, beside a bare client of the same API.
#include <memory>
#include <string>
#include <vector>

#include "tests/bench/figures.h"
#include "tests/bench/pace.h"
#include "tests/bench/program.h"
#include "tests/bench/scene.h"

namespace dispatcher::bench {
namespace {

struct Known {
  std::string name;
  StartRegistry start;
  int apps = 0;              // as many as it takes in some seconds
  bool asked_alone = false;  // all else of it is in other programs
  bool may_lack = false;
};
const std::vector<Known>& AllKnown() {
  static const std::vector<Known> all = {{"catalog", StartConsulCatalog, 1000, true},
                                         {"agent", StartConsulAgent, 200},
                                         {"vulcand-model", StartVulcandModel, 1000},
                                         {"vulcand", StartRealVulcand, 500, false, true},
                                         {"kong-model", StartKongModel, 200}};
  return all;
}

// A scene that has come to rest, and what its first sync took on both sides.
absl::StatusOr<std::unique_ptr<Scene>> FirstSync(const Known& known, Turns& turns) {
  ASSIGN_OR_RETURN(auto registry, known.start());
  // The bare client's share is written first, into the same registry.
  ASSIGN_OR_RETURN(auto scene, Scene::Set(std::move(registry), known.apps, known.apps));
  ASSIGN_OR_RETURN(const Mono ended, scene->Settled());
  turns.floor.push_back(scene->bare_first_sync);
  turns.here.push_back(Seconds(ended - scene->subject.begun()));
  return scene;
}

absl::Status Rate(Scene& scene, int rate, int seconds, int turns) {
  std::vector<double> floor50, floor99, here50, here99;
  const Duration apart = Apart(rate);
  for (int turn = 0; turn < turns; ++turn) {
    ASSIGN_OR_RETURN(const Registered floor, scene.BareAtPace(rate * seconds, apart));
    const Registered here = scene.AtPace(rate * seconds, apart);
    if (floor.lost + here.lost > 0) {
      return Error(absl::StatusCode::kDataLoss, scene.registry->name(), " at ", std::to_string(rate),
                   "/s: ", std::to_string(floor.lost), " bare ones and ", std::to_string(here.lost),
                   " never came");
    }
    floor50.push_back(Quantile(floor.seconds, 0.5));
    floor99.push_back(Quantile(floor.seconds, 0.99));
    here50.push_back(Quantile(here.seconds, 0.5));
    here99.push_back(Quantile(here.seconds, 0.99));
  }
  const std::string work = scene.registry->name() + ", " + std::to_string(rate) + "/s, " +
                           std::to_string(scene.ours.size()) + " apps: ";
  const auto row = [&](const char* what, const std::vector<double>& floor, const std::vector<double>& here) {
    return Row{work + what, InMilliseconds(Median(floor)), InMilliseconds(Median(here)),
               Number(Median(here) / Median(floor), 2), ""};
  };
  Print(row("p50", floor50, here50));
  Print(row("p99", floor99, here99));
  return absl::OkStatus();
}

std::string Per(const Traffic& traffic, int count) {
  return Number(static_cast<double>(traffic.reads) / count, 2) + " GET + " +
         Number(static_cast<double>(traffic.writes) / count, 2) + " others, " +
         Number(static_cast<double>(traffic.bytes()) / count, 0) + " B";
}

// At 50 a second, where hardly anything can be written together.
absl::Status Asked(Scene& scene, int count) {
  const Duration apart = std::chrono::milliseconds(20);
  const Traffic bare = scene.bare_tap.traffic();
  ASSIGN_OR_RETURN(const Registered floor, scene.BareAtPace(count, apart));
  RETURN_IF_ERROR(scene.BareSettled().status());
  const Traffic bare_after = scene.bare_tap.traffic();
  const Traffic marathon = scene.to_marathon.traffic(), registry = scene.to_registry.traffic();
  const Registered here = scene.AtPace(count, apart);
  RETURN_IF_ERROR(scene.Settled().status());
  if (floor.lost + here.lost > 0) {
    return Error(absl::StatusCode::kDataLoss, scene.registry->name(), ": not all came");
  }
  const std::string name = scene.registry->name();
  Print({name + ", 50/s: asked of it, per replacement", Per(bare_after - bare, count),
         Per(scene.to_registry.traffic() - registry, count), "", ""});
  Print({name + ", 50/s: asked of Marathon, per replacement", "",
         Per(scene.to_marathon.traffic() - marathon, count), "", ""});
  return absl::OkStatus();
}

absl::Status Run(const Known& known, const Chosen& chosen) {
  const int turns = chosen.Number("--turns", chosen.quick() ? 1 : 3);
  Turns first, burst;
  std::unique_ptr<Scene> scene;
  for (int turn = 0; turn < (known.asked_alone ? 1 : turns); ++turn) {
    scene.reset();
    ASSIGN_OR_RETURN(scene, FirstSync(known, first));
  }
  const std::string name = scene->registry->name();
  if (!known.asked_alone) {
    Print(Compared(name + ", first sync, " + std::to_string(known.apps) + " x 2", first));
    RETURN_IF_ERROR(Rate(*scene, 50, 2, turns));
    if (!chosen.quick()) {
      RETURN_IF_ERROR(Rate(*scene, 500, 1, turns));
    }
    for (int turn = 0; turn < turns; ++turn) {
      ASSIGN_OR_RETURN(burst.floor.emplace_back(), scene->BareBurst());
      ASSIGN_OR_RETURN(burst.here.emplace_back(), scene->Burst());
    }
    Print(Compared(name + ", burst of " + std::to_string(known.apps) + " replacements", burst));
  }
  return Asked(*scene, chosen.quick() ? 50 : 250);
}

absl::Status RunAll(const Chosen& chosen) {
  for (const Known& known : AllKnown()) {
    if (chosen.Has("--registry") && chosen.Get("--registry") != known.name) {
      continue;
    }
    const absl::Status status = Run(known, chosen);
    if (known.may_lack && absl::IsUnavailable(status)) {
      Print({known.name + " is not here", "", std::string(Message(status)), "", ""});
    } else if (!status.ok()) {
      return Annotate(status, known.name);
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) {
  return dispatcher::bench::RunProgram(
      argc, argv,
      {{"--registry", "NAME", "one of catalog, agent, vulcand-model, vulcand, kong-model"},
       {"--turns", "N", "of each row; medians are shown (3)"}},
      dispatcher::bench::RunAll);
}
