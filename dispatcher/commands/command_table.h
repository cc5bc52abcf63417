// All commands, in the order in which help shows them.
#pragma once

#include <string_view>
#include <vector>

#include "dispatcher/commands/arguments.h"
#include "dispatcher/commands/command.h"

namespace dispatcher {

struct Command {
  std::string_view name;
  std::string_view words;  // for the usage line
  size_t least_words, most_words;
  std::string_view summary;
  std::string_view details;
  std::vector<Option> options;
  Action action;
};

const std::vector<Command>& Commands();

}  // namespace dispatcher
