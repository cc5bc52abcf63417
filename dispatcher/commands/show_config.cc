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
  return kExitOk;
}

}  // namespace dispatcher
