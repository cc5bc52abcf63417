#include "tests/schedule/check.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "dispatcher/recording/recording.h"

namespace dispatcher::schedule {
namespace {

// A task that a hint holds back is let in again after 10 s.
constexpr Duration kSuspicion = std::chrono::seconds(11);

Desired WithoutOpenHealth(Desired want, const Answers& answers) {
  for (const TaskId& task : answers.HealthOpen()) {
    std::erase_if(want, [&](const std::string& line) { return line.find(task) != std::string::npos; });
  }
  return want;
}

std::string Difference(const Desired& want, const Desired& truth) {
  std::string text;
  for (const std::string& line : want) {
    if (std::find(truth.begin(), truth.end(), line) == truth.end()) {
      text.append("\n  + ").append(line);
    }
  }
  for (const std::string& line : truth) {
    if (std::find(want.begin(), want.end(), line) == want.end()) {
      text.append("\n  - ").append(line);
    }
  }
  return text;
}

}  // namespace

std::string Converges(Stage stage, Ending ending, const Desired& truth) {
  const size_t at = stage.moment();
  if (ending == Ending::kRead) {
    stage.Play({.kind = Act::Kind::kSnapshot, .at = at});
  }
  stage.Play({.kind = Act::Kind::kSettle, .at = at});
  if (!stage.violation().empty()) {
    return stage.violation();
  }
  const Answers& answers = *stage.tale().moments[at];
  const auto differs = [&] {
    return Difference(WithoutOpenHealth(stage.Want(), answers), WithoutOpenHealth(truth, answers));
  };
  std::string difference = differs();
  if (!difference.empty()) {
    stage.Play({.kind = Act::Kind::kPass, .time = kSuspicion});
    difference = differs();
  }
  return difference.empty() ? "" : "not what a complete read says:" + difference;
}

std::string WrongWith(const Schedule& schedule, Ending ending) {
  Stage stage(schedule.tale, schedule.policy);
  stage.Play(schedule.acts);
  if (!stage.violation().empty() || !stage.attached()) {
    return stage.violation();
  }
  return Converges(stage, ending, Truth(schedule.tale, stage.moment(), schedule.policy));
}

Schedule Shrink(Schedule schedule, Ending ending) {
  // A rule broken on the way is broken whatever comes after it, and whatever was lost.
  const auto broken = [](const Schedule& tried) {
    Stage stage(tried.tale, tried.policy);
    stage.Play(tried.acts);
    return !stage.violation().empty();
  };
  const bool on_the_way = broken(schedule);
  for (bool smaller = true; smaller;) {
    smaller = false;
    for (size_t i = schedule.acts.size(); i-- > 0;) {
      if (!on_the_way && ending == Ending::kHeard && schedule.acts[i].kind == Act::Kind::kEvent) {
        continue;
      }
      Schedule less = schedule;
      less.acts.erase(less.acts.begin() + static_cast<std::ptrdiff_t>(i));
      if (on_the_way ? broken(less) : !WrongWith(less, ending).empty()) {
        schedule = std::move(less);
        smaller = true;
      }
    }
  }
  return schedule;
}

std::string Explain(const Schedule& schedule, Ending ending) {
  const Schedule shrunk = Shrink(schedule, ending);
  Stage stage(shrunk.tale, shrunk.policy);
  stage.Record();
  stage.Play(shrunk.acts);
  Recording recording = stage.recording();
  recording.policy = shrunk.policy;
  const char* folder = std::getenv("TMPDIR");
  const std::string path = std::string(folder == nullptr ? "/tmp" : folder) + "/failed-schedule.jsonl";
  std::ofstream(path) << Encode(recording);
  return WrongWith(shrunk, ending) + "\n" + ToText(shrunk) + "recorded in " + path +
         ": dispatcher replay shows each step\n";
}

}  // namespace dispatcher::schedule
