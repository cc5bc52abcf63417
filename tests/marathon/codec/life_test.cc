#include "dispatcher/marathon/codec/life.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("every word of every version has its life") {
  struct Case {
    std::vector<std::string> words;
    Life life;
  };
  const Case cases[] = {
      {{"Scheduled"}, Life::kScheduled},
      {{"TASK_STAGING", "Staging", "Created", "Reserved", "Provisioned"}, Life::kStaging},
      {{"TASK_STARTING", "Starting"}, Life::kStarting},
      {{"TASK_RUNNING", "Running"}, Life::kRunning},
      {{"TASK_KILLING", "Killing"}, Life::kKilling},
      {{"TASK_UNREACHABLE", "Unreachable", "Unreachable ", "UnreachableInactive"}, Life::kUnreachable},
      {{"TASK_LOST", "TASK_UNKNOWN", "Unknown"}, Life::kLost},
      {{"TASK_FINISHED", "Finished", "TASK_FAILED", "Failed", "TASK_KILLED", "Killed", "TASK_ERROR", "Error",
        "TASK_GONE", "TASK_GONE_BY_OPERATOR", "Gone", "TASK_DROPPED", "Dropped"},
       Life::kTerminal},
      {{"", " ", "TASK_", "running", "TASK_RUNNING2", "Unreach able"}, Life::kUnknown},
  };
  for (const auto& c : cases) {
    for (const auto& word : c.words) {
      CAPTURE(word);
      CHECK(LifeOf(word) == c.life);
    }
  }
}

}  // namespace
}  // namespace dispatcher
