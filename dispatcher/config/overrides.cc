#include "dispatcher/config/overrides.h"

#include <algorithm>
#include <string_view>

#include "dispatcher/base/strings.h"
#include "dispatcher/config/table.h"

namespace dispatcher {
namespace {

constexpr std::string_view kPrefix = "DISPATCHER_";

std::vector<std::string> Sections() {
  std::vector<std::string> sections = {"config"};
  for (const Setting& setting : SettingsTable()) {
    sections.emplace_back(Split(setting.key, '.').front());
  }
  return sections;
}

// The first word is a section or nearly one: whoever wrote it meant a setting.
bool MeansSetting(std::string_view rest) {
  const std::vector<std::string> sections = Sections();
  const std::string word = Lower(Split(rest, '_').front());
  return std::find(sections.begin(), sections.end(), word) != sections.end() ||
         Nearest(word, sections).has_value();
}

std::vector<std::string> Path(std::string_view rest) {
  std::vector<std::string> path;
  for (size_t at = 0; at != std::string_view::npos;) {
    const size_t end = rest.find("__", at);
    path.push_back(Lower(rest.substr(at, end == std::string_view::npos ? end : end - at)));
    at = end == std::string_view::npos ? end : end + 2;
  }
  return path;
}

}  // namespace

std::vector<Assignment> FromEnvironment(const Environment& environment, std::vector<std::string>& warnings) {
  std::vector<Assignment> found;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || name == "DISPATCHER_CONFIG") {
      continue;
    }
    const std::string_view rest = std::string_view(name).substr(kPrefix.size());
    if (rest.find("__") == std::string_view::npos && !MeansSetting(rest)) {
      warnings.push_back(name + " is not a setting and was ignored");
      continue;
    }
    Assignment assignment;
    assignment.source = Assignment::Source::kEnvironment;
    assignment.path = Path(rest);
    assignment.values = {value};
    assignment.place = name;
    found.push_back(std::move(assignment));
  }
  // The environment has no order; errors should.
  std::sort(found.begin(), found.end(),
            [](const Assignment& a, const Assignment& b) { return a.place < b.place; });
  return found;
}

absl::StatusOr<Assignment> FromSetOption(const std::string& text) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return Error(absl::StatusCode::kInvalidArgument, "--set ", std::string_view(text).substr(0, equals),
                 ": write --set key=value, such as --set marathon.urls=http://127.0.0.1:8080");
  }
  Assignment assignment;
  assignment.source = Assignment::Source::kCommandLine;
  for (const std::string_view part : Split(std::string_view(text).substr(0, equals), '.')) {
    assignment.path.emplace_back(part);
  }
  assignment.values = {text.substr(equals + 1)};
  assignment.place = "--set " + text.substr(0, equals);
  return assignment;
}

}  // namespace dispatcher
