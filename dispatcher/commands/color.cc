#include "dispatcher/commands/color.h"

#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <string>

namespace dispatcher {
namespace {

std::string_view ValueOf(const Environment& environment, std::string_view name) {
  const auto found = std::find_if(environment.begin(), environment.end(),
                                  [&](const auto& variable) { return variable.first == name; });
  return found == environment.end() ? std::string_view() : std::string_view(found->second);
}

}  // namespace

absl::StatusOr<bool> WantsColor(const Invocation& invocation) {
  const std::string when = invocation.arguments.Get("--color");
  if (when == "always" || when == "never") {
    return when == "always";
  }
  if (!when.empty() && when != "auto") {
    return Error(absl::StatusCode::kInvalidArgument, "--color: \"", when, "\" is not auto, always or never");
  }
  return &invocation.out == &std::cout && isatty(STDOUT_FILENO) == 1 &&
         ValueOf(invocation.environment, "NO_COLOR").empty() &&
         ValueOf(invocation.environment, "TERM") != "dumb";
}

std::string Colored(std::string_view text, Color color, bool wanted) {
  return wanted ? "\033[" + std::to_string(static_cast<int>(color)) + "m" + std::string(text) + "\033[0m"
                : std::string(text);
}

}  // namespace dispatcher
