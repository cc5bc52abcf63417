#include "tests/bench/program.h"

#include <csignal>
#include <cstdio>
#include <utility>

#include "dispatcher/base/strings.h"
#include "tests/bench/figures.h"

namespace dispatcher::bench {

int Chosen::Number(std::string_view option, int usual) const {
  return static_cast<int>(ParseInt(arguments_.Get(option)).value_or(usual));
}

int RunProgram(int argc, char** argv, std::vector<Option> options,
               const std::function<absl::Status(const Chosen&)>& run) {
  std::signal(SIGPIPE, SIG_IGN);
  const std::string path = argv[0], name = path.substr(path.rfind('/') + 1);
  options.push_back({"--quick", "", "a tenth of the work, to see that it runs"});
  options.push_back({"--no-head", "", "rows alone"});
  auto arguments = ParseArguments({argv + 1, argv + argc}, options);
  if (!arguments.ok() || !arguments->words.empty()) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(),
                 arguments.ok() ? "takes options alone" : std::string(Message(arguments.status())).c_str());
    for (const Option& option : options) {
      std::fprintf(stderr, "  %-10s %-8s %s\n", std::string(option.name).c_str(),
                   std::string(option.value).c_str(), std::string(option.help).c_str());
    }
    return 2;
  }
  if (!arguments->Has("--no-head")) {
    PrintTableHead();
  }
  const absl::Status status = run(Chosen(*std::move(arguments)));
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s\n", name.c_str(), Text(status).c_str());
  }
  return status.ok() ? 0 : 1;
}

}  // namespace dispatcher::bench
