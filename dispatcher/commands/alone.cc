#include "dispatcher/commands/alone.h"

#include <algorithm>

namespace dispatcher {

absl::Status CheckAlone(const Settings& settings, const Environment& environment) {
  const bool under_marathon = std::any_of(environment.begin(), environment.end(), [](const auto& variable) {
    return variable.first == "MARATHON_APP_ID";
  });
  if (!under_marathon || settings.leader.configured || !settings.leader.none.empty()) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "it runs under Marathon (MARATHON_APP_ID is set), where two of it may run at once, and there is no "
      "leader block: set leader.consul_url (DISPATCHER_LEADER__CONSUL_URL), or leader: none "
      "(DISPATCHER_LEADER=none) if that can't happen");
}

}  // namespace dispatcher
