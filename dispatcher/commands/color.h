// Colours on a terminal.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/base/status.h"
#include "dispatcher/commands/command.h"

namespace dispatcher {

inline constexpr Option kColor = {"--color", "WHEN", "auto (default), always or never"};

// Whether --color asks for them: auto does where what is printed goes to a terminal that is
// not TERM=dumb, and NO_COLOR (no-color.org) is not set. InvalidArgument for other values.
absl::StatusOr<bool> WantsColor(const Invocation& invocation);

enum class Color { kRed = 31, kGreen = 32, kYellow = 33 };

// `text` in that colour, or as it is.
std::string Colored(std::string_view text, Color color, bool wanted);

}  // namespace dispatcher
