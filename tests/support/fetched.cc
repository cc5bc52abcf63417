#include "tests/support/fetched.h"

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <vector>

#include "dispatcher/base/strings.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

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
  std::string path;
  WaitFor([&] {
    const std::string output = fetch->Output();
    const std::vector<std::string_view> lines = Split(Trim(output), '\n');
    path = lines.back();
    return access(path.c_str(), X_OK) == 0;
  });
  return path;
}

}  // namespace dispatcher::testing
