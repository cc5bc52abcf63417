// What the benches' programs have in common: options, the table's head, the exit code.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/commands/arguments.h"

namespace dispatcher::bench {

class Chosen {
 public:
  explicit Chosen(Arguments arguments) : arguments_(std::move(arguments)) {}

  // --quick: a tenth of the work, to see that it runs.
  bool quick() const { return arguments_.Has("--quick"); }
  bool Has(std::string_view option) const { return arguments_.Has(option); }
  std::string Get(std::string_view option) const { return arguments_.Get(option); }
  int Number(std::string_view option, int usual) const;

 private:
  Arguments arguments_;
};

// main() of a bench: `run` prints the rows. 0 if all of them came about, whether or not they
// meet their aims; 1 if something was lost, left over or broken; 2 for wrong arguments. Every
// program knows --quick, and --no-head, which leaves the table's head to somebody else.
int RunProgram(int argc, char** argv, std::vector<Option> options,
               const std::function<absl::Status(const Chosen&)>& run);

}  // namespace dispatcher::bench
