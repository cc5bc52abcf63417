#include "tests/e2e/frame/sync_once.h"

#include "tests/support/process.h"

namespace dispatcher::testing {

std::pair<int, std::string> SyncOnce(World& world, const std::vector<std::string>& arguments) {
  const std::string consul = world.consul().url();
  std::vector<std::string> command = {std::string(BINARY_DIR) + "/dispatcher", "sync"};
  for (const std::string& setting :
       {"marathon.urls=" + world.marathon().url(), "adapters.consul.url=" + consul,
        "adapters.consul.agent_url=http://{host}" + consul.substr(consul.rfind(':'))}) {
    command.insert(command.end(), {"--set", setting});
  }
  command.insert(command.end(), arguments.begin(), arguments.end());
  const auto process = Process::Start(command).value();
  const int code = process->Wait(std::chrono::seconds(60)).value_or(-1);
  return {code, process->Output()};
}

WorldOptions WithoutDispatcher() {
  WorldOptions options = OfProfile(Profiles().back());
  options.start_dispatcher = false;
  return options;
}

}  // namespace dispatcher::testing
