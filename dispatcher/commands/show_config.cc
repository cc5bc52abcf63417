#include "dispatcher/commands/check_files.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/config/describe.h"

namespace dispatcher {

absl::StatusOr<int> ShowConfig(Invocation& invocation) {
  if (invocation.arguments.Has("--markdown")) {
    invocation.out << SettingsMarkdown();
    return kExitOk;
  }
  ASSIGN_OR_RETURN(const Configuration configuration, LoadFor(invocation));
  for (const std::string& warning : configuration.warnings) {
    invocation.err << "dispatcher: " << warning << "\n";
  }
  invocation.out << DescribeConfiguration(configuration);
  const std::vector<std::string> problems = FileProblems(configuration);
  for (const std::string& problem : problems) {
    invocation.err << "dispatcher: " << problem << "\n";
  }
  return problems.empty() ? kExitOk : kExitError;
}

}  // namespace dispatcher
