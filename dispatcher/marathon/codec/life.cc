#include "dispatcher/marathon/codec/life.h"

#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr std::pair<std::string_view, Life> kWords[] = {
    {"TASK_RUNNING", Life::kRunning},
    {"Running", Life::kRunning},
    {"TASK_KILLED", Life::kTerminal},
    {"Killed", Life::kTerminal},
    {"TASK_STAGING", Life::kStaging},
    {"Staging", Life::kStaging},
    {"TASK_STARTING", Life::kStarting},
    {"Starting", Life::kStarting},
    {"TASK_KILLING", Life::kKilling},
    {"Killing", Life::kKilling},
    {"TASK_FAILED", Life::kTerminal},
    {"Failed", Life::kTerminal},
    {"TASK_FINISHED", Life::kTerminal},
    {"Finished", Life::kTerminal},
    {"TASK_ERROR", Life::kTerminal},
    {"Error", Life::kTerminal},
    {"TASK_LOST", Life::kLost},
    {"TASK_UNKNOWN", Life::kLost},
    {"Unknown", Life::kLost},
    {"TASK_UNREACHABLE", Life::kUnreachable},
    {"Unreachable", Life::kUnreachable},
    {"UnreachableInactive", Life::kUnreachable},
    {"TASK_GONE", Life::kTerminal},
    {"TASK_GONE_BY_OPERATOR", Life::kTerminal},
    {"Gone", Life::kTerminal},
    {"TASK_DROPPED", Life::kTerminal},
    {"Dropped", Life::kTerminal},
    {"Created", Life::kStaging},
    {"Reserved", Life::kStaging},
    {"Provisioned", Life::kStaging},
    {"Scheduled", Life::kScheduled},
};

}  // namespace

Life LifeOf(std::string_view word) {
  const std::string_view trimmed = Trim(word);
  for (const auto& [spelling, life] : kWords) {
    if (spelling == trimmed) {
      return life;
    }
  }
  return Life::kUnknown;
}

}  // namespace dispatcher
