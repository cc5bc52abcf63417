// The stand-in Vulcand as a program: vulcand_model [--version 0.9.2|2018|0.8.0-beta.3]
// [--etcd 2|3] [--host H] [--api-port N] [--port N]. Says on stdout where it listens,
// and nothing else; SIGTERM and SIGINT end it.
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "dispatcher/base/strings.h"
#include "tests/vulcand_model/model.h"

namespace {

using dispatcher::testing::VulcandModelOptions;
using dispatcher::testing::VulcandVersion;

// false if an argument is none of ours.
bool Parse(const std::vector<std::string>& arguments, VulcandModelOptions& options) {
  for (size_t i = 0; i + 1 < arguments.size(); i += 2) {
    const std::string& value = arguments[i + 1];
    const int number = static_cast<int>(dispatcher::ParseInt(value).value_or(-1));
    if (arguments[i] == "--version" && value == "0.9.2") {
      options.version = VulcandVersion::k092;
    } else if (arguments[i] == "--version" && value == "2018") {
      options.version = VulcandVersion::k2018;
    } else if (arguments[i] == "--version" && value == "0.8.0-beta.3") {
      options.version = VulcandVersion::kBeta3;
    } else if (arguments[i] == "--etcd" && (number == 2 || number == 3)) {
      options.etcd_version = number;
    } else if (arguments[i] == "--host") {
      options.host = value;
    } else if (arguments[i] == "--api-port" && number >= 0) {
      options.api_port = number;
    } else if (arguments[i] == "--port" && number >= 0) {
      options.proxy_port = number;
    } else {
      return false;
    }
  }
  return arguments.size() % 2 == 0;
}

}  // namespace

int main(int argc, char** argv) {
  // Before any thread is made, so that all of them leave these signals to us.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  VulcandModelOptions options;
  if (!Parse({argv + 1, argv + argc}, options)) {
    std::fprintf(stderr, "vulcand_model: unknown argument; see the top of tests/vulcand_model/main.cc\n");
    return 2;
  }
  auto model = dispatcher::testing::VulcandModel::Start(options);
  if (!model.ok()) {
    std::fprintf(stderr, "vulcand_model: %s\n", std::string(dispatcher::Message(model.status())).c_str());
    return 1;
  }
  std::printf("{\"api\":\"%s\",\"proxy\":\"%s\"}\n", (*model)->url().c_str(), (*model)->proxy_url().c_str());
  std::fflush(stdout);
  int caught = 0;
  sigwait(&signals, &caught);
  return 0;
}
