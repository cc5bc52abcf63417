// A client that was not written here reads the stand-in, so that it is not only our
// own idea of Marathon that the stand-in and the dispatcher agree on.
#include "tests/marathon_sim/sim_client.h"
#include "tests/support/process.h"

namespace dispatcher::sim {
namespace {

// Debian's own Python: the one that sees Debian's packages.
constexpr const char* kPython = "/usr/bin/python3";

struct Ran {
  std::optional<int> exit;
  std::string output;
};

Ran RunClient(const std::vector<std::string>& python_options, const std::string& url) {
  std::vector<std::string> argv = {kPython};
  argv.insert(argv.end(), python_options.begin(), python_options.end());
  argv.push_back(std::string(TEST_DATA) + "/../marathon_sim/clients/python_marathon.py");
  argv.push_back(url);
  // It would go to 127.0.0.1 through a proxy of the environment.
  auto started = testing::Process::Start(argv, {.env = {{"no_proxy", "127.0.0.1"}}, .directory = ""});
  if (!started.ok()) {
    return {std::nullopt, Text(started.status()) + ": install the Debian package python3-marathon"};
  }
  const auto exit = (*started)->Wait(std::chrono::seconds(90));
  return {exit, (*started)->Output()};
}

TEST_CASE("python-marathon reads the API and the event stream of every version") {
  const std::string profile = GENERATE("1.1", "1.3", "1.4", "1.6", "1.8", "1.10");
  Options options = TestOptions(profile);
  options.launch_ms = 500;    // so that a deployment can be seen while it goes on
  options.heartbeat_ms = 10;  // the client reads 512 bytes at a time: these push out what came last
  const TestSim t(options);
  const Ran ran = RunClient({}, "http://" + t.sim->address());
  CAPTURE(profile);
  INFO(ran.output);
  CHECK(ran.exit == 0);
  CHECK(ran.output.find("status_update_event") != std::string::npos);
  CHECK(ran.output.find("\nall read\n") != std::string::npos);
}

TEST_CASE("where python-marathon is missing the run fails and says what to install") {
  const Ran ran = RunClient({"-S"}, "http://127.0.0.1:1");  // -S: without Debian's packages
  INFO(ran.output);
  CHECK(ran.exit == 2);
  CHECK(ran.output.find("install the Debian package python3-marathon") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher::sim
