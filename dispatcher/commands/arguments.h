// The words after a command's name.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dispatcher/base/status.h"

namespace dispatcher {

struct Option {
  std::string_view name;   // "--config"
  std::string_view value;  // what follows it, "FILE"; "" = a switch
  std::string_view help;
};

struct Arguments {
  std::vector<std::pair<std::string, std::string>> options;  // in the order given
  std::vector<std::string> words;

  bool Has(std::string_view option) const;
  // The last one wins; "" if it was not given.
  std::string Get(std::string_view option) const;
  std::vector<std::string> All(std::string_view option) const;
};

// "--name value" and "--name=value"; "--" ends the options. InvalidArgument names
// an unknown option's nearest one, or the option that lacks a value.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& arguments,
                                         const std::vector<Option>& known);

}  // namespace dispatcher
