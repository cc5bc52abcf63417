// What comes at once: replacements in all apps in one piece, and the upgrade of one large app,
// beside a bare writer of the same entries to the same Consul.
#include <string>
#include <vector>

#include "tests/bench/figures.h"
#include "tests/bench/program.h"
#include "tests/bench/stage.h"

namespace dispatcher::bench {
namespace {

absl::Status Burst(int apps, int runs, double aim) {
  ASSIGN_OR_RETURN(const auto stage, Stage::Set(apps, apps));
  Turns turns;
  for (int run = 0; run < runs; ++run) {
    std::vector<Replacement> replacements;
    std::string frames;
    for (int app = 0; app < apps; ++app) {
      replacements.push_back(stage->bare.Replace(app));
      frames += stage->ours.Replace(app).frames;
    }
    ASSIGN_OR_RETURN(turns.floor.emplace_back(), CarryOutBare(*stage, replacements));
    ASSIGN_OR_RETURN(turns.here.emplace_back(), CarryOut(*stage, frames));
  }
  // What is lost or left over was an error above.
  Row row = Compared("burst of " + std::to_string(apps) + " replacements", turns);
  if (aim > 0) {
    row.aim = "none lost, <= " + InSeconds(aim);
    row.met = Median(turns.here) <= aim;
  }
  Print(row);
  return absl::OkStatus();
}

// The events of a rolling upgrade as fast as they can be read: one new task in, one old out.
absl::Status Upgrade(int tasks, int runs) {
  ASSIGN_OR_RETURN(const auto stage, Stage::Set(1, 1, tasks));
  Turns turns;
  for (int run = 0; run < runs; ++run) {
    (void)stage->bare.BeginUpgrade(0);
    std::string frames = stage->ours.BeginUpgrade(0);
    std::vector<Replacement> replacements;
    for (int task = 0; task < tasks; ++task) {
      replacements.push_back(stage->bare.Replace(0));
      frames += stage->ours.Replace(0).frames;
    }
    frames += stage->ours.EndUpgrade(0);
    ASSIGN_OR_RETURN(turns.floor.emplace_back(), CarryOutBare(*stage, replacements));
    ASSIGN_OR_RETURN(turns.here.emplace_back(), CarryOut(*stage, frames));
  }
  Print(Compared("rolling upgrade of " + std::to_string(tasks) + " tasks, its events at once", turns));
  return absl::OkStatus();
}

absl::Status RunAll(const Chosen& chosen) {
  const int runs = chosen.Number("--runs", chosen.quick() ? 1 : 5);
  RETURN_IF_ERROR(Burst(1000, runs, 0.5));
  if (!chosen.quick()) {
    RETURN_IF_ERROR(Burst(10000, runs, 0));
  }
  return Upgrade(1000, runs);
}

}  // namespace
}  // namespace dispatcher::bench

int main(int argc, char** argv) {
  return dispatcher::bench::RunProgram(argc, argv, {{"--runs", "N", "of each row; medians are shown (5)"}},
                                       dispatcher::bench::RunAll);
}
