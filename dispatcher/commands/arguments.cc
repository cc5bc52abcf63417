#include "dispatcher/commands/arguments.h"

#include <algorithm>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

absl::Status Invalid(std::string_view option, std::string_view problem) {
  return Error(absl::StatusCode::kInvalidArgument, option, " ", problem);
}

absl::Status Unknown(const std::string& name, const std::vector<Option>& known) {
  std::vector<std::string> names;
  for (const Option& option : known) {
    names.emplace_back(option.name);
  }
  const auto nearest = Nearest(name, names);
  return Invalid(name, nearest ? "is not an option: do you mean " + *nearest + "?"
                               : "is not an option of this command: see --help");
}

}  // namespace

bool Arguments::Has(std::string_view option) const { return !All(option).empty(); }

std::string Arguments::Get(std::string_view option) const {
  const std::vector<std::string> all = All(option);
  return all.empty() ? "" : all.back();
}

std::vector<std::string> Arguments::All(std::string_view option) const {
  std::vector<std::string> values;
  for (const auto& [name, value] : options) {
    if (name == option) {
      values.push_back(value);
    }
  }
  return values;
}

absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& arguments,
                                         const std::vector<Option>& known) {
  Arguments parsed;
  bool options_over = false;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (options_over || !word.starts_with("-") || word == "-") {
      parsed.words.push_back(word);
      continue;
    }
    if (word == "--") {
      options_over = true;
      continue;
    }
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    const auto option = std::find_if(known.begin(), known.end(),
                                     [&](const Option& candidate) { return candidate.name == name; });
    if (option == known.end()) {
      return Unknown(name, known);
    }
    if (option->value.empty()) {
      if (equals != std::string::npos) {
        return Invalid(name, "takes no value");
      }
      parsed.options.emplace_back(name, "");
    } else if (equals != std::string::npos) {
      parsed.options.emplace_back(name, word.substr(equals + 1));
    } else if (i + 1 < arguments.size()) {
      parsed.options.emplace_back(name, arguments[++i]);
    } else {
      return Invalid(name, "lacks its " + std::string(option->value));
    }
  }
  return parsed;
}

}  // namespace dispatcher
