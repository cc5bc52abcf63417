#include "tests/support/fetched.h"

#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "dispatcher/base/strings.h"
#include "tests/support/process.h"

namespace dispatcher::testing {

absl::StatusOr<std::string> FetchedBinary(const char* variable, const std::string& script) {
  if (const char* path = std::getenv(variable); path != nullptr && *path != '\0') {
    return std::string(path);
  }
  const std::string command = std::string(TEST_DATA) + "/../tools/" + script;
  ASSIGN_OR_RETURN(std::unique_ptr<Process> fetch, Process::Start({command}));
  const std::optional<int> code = fetch->Wait(std::chrono::minutes(3));
  if (code != 0) {
    return Error(absl::StatusCode::kUnavailable, "set ", variable, ", or see why ", command,
                 " failed: ", fetch->Output());
  }
  const std::string output = fetch->Output();
  return std::string(Split(Trim(output), '\n').back());
}

}  // namespace dispatcher::testing
