// The stand-in Marathon as a program. Says on stdout where it listens, and nothing
// else; SIGTERM and SIGINT end it and its tasks.
#include <csignal>
#include <cstdio>
#include <string>
#include <vector>

#include "dispatcher/base/json.h"
#include "tests/marathon_sim/sim.h"

int main(int argc, char** argv) {
  using namespace dispatcher;
  std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && arguments.front() == "task") {
    return sim::TaskMain({arguments.begin() + 1, arguments.end()});
  }
  if (!arguments.empty() && (arguments.front() == "--help" || arguments.front() == "-h")) {
    std::printf("%s", sim::Options::Help().c_str());
    return 0;
  }
  // Before any thread is made, so that all of them leave these signals to us.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  auto options = sim::Options::Parse(arguments);
  if (!options.ok()) {
    std::fprintf(stderr, "marathon_sim: %s\n", std::string(Message(options.status())).c_str());
    return 2;
  }
  auto marathon = sim::MarathonSim::Start(*std::move(options));
  if (!marathon.ok()) {
    std::fprintf(stderr, "marathon_sim: %s\n", std::string(Message(marathon.status())).c_str());
    return 1;
  }
  JsonWriter line;
  line.BeginObject().Field("listening", (*marathon)->address());
  if (!(*marathon)->standby_address().empty()) {
    line.Field("standby", (*marathon)->standby_address());
  }
  line.EndObject();
  std::printf("%s\n", line.text().c_str());
  std::fflush(stdout);
  int caught = 0;
  sigwait(&signals, &caught);
  return 0;
}
