#include "dispatcher/catalog/label_names.h"

#include <algorithm>
#include <map>
#include <optional>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr std::string_view kOurs = "dispatcher.";
constexpr size_t kMostUnknown = 20;

// What may follow "dispatcher." on a port, or "dispatcher.<i>." on the app.
const std::vector<std::string>& LabelsOfPorts() {
  static const std::vector<std::string> names = {"adapters", "enable",     "hosts", "name",  "paths",
                                                 "shared",   "strip-path", "tags",  "weight"};
  return names;
}

const std::vector<std::string>& RouteWhenWords() {
  static const std::vector<std::string> words = {"running", "healthy", "ready", "deployed"};
  return words;
}

// A word as long as that is no slip of one of ours; and nobody may make us compare megabytes.
std::optional<std::string> NearestOf(std::string_view word, const std::vector<std::string>& known) {
  return word.size() <= 64 ? Nearest(word, known) : std::nullopt;
}

bool Knows(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// What is wrong with a label, "" if nothing is. `key` begins with "dispatcher.".
std::string WrongWith(const std::string& key, std::string_view value, bool on_app, size_t ports) {
  std::string_view leaf = std::string_view(key).substr(kOurs.size());
  if (on_app && leaf == "route-when") {
    return Knows(RouteWhenWords(), Trim(value)) ? "" : DoYouMean(Trim(value), RouteWhenWords());
  }
  std::string prefix(kOurs);
  if (const size_t dot = leaf.find('.'); on_app && dot != std::string_view::npos) {
    if (const auto index = ParseInt(leaf.substr(0, dot)); index.has_value() && *index >= 0) {
      if (static_cast<size_t>(*index) >= ports) {
        return "the app has " +
               (ports == 0 ? "no ports" : "ports 0 to " + std::to_string(ports - 1) + " only");
      }
      prefix.append(leaf.substr(0, dot + 1));
      leaf.remove_prefix(dot + 1);
    }
  }
  if (Knows(LabelsOfPorts(), leaf)) {
    return "";
  }
  if (leaf == "route-when") {
    return "it is for all of the app: write it as dispatcher.route-when on the app";
  }
  std::vector<std::string> known = LabelsOfPorts();
  if (on_app && prefix == kOurs) {
    known.emplace_back("route-when");
  }
  const auto nearest = NearestOf(leaf, known);
  return nearest ? "do you mean " + prefix + *nearest + "?"
                 : "there is no such label, see the README for all of them";
}

void AddUnknown(const std::map<std::string, std::string>& labels, bool on_app, size_t ports,
                std::vector<std::string>& problems) {
  for (auto it = labels.lower_bound(std::string(kOurs));
       it != labels.end() && it->first.starts_with(kOurs) && problems.size() < kMostUnknown; ++it) {
    const std::string wrong = WrongWith(it->first, it->second, on_app, ports);
    if (!wrong.empty()) {
      problems.push_back(LabelProblem(it->first, it->second, wrong));
    }
  }
}

}  // namespace

std::string LabelProblem(std::string_view label, std::string_view value, std::string_view remedy) {
  constexpr size_t kMaxShown = 100;
  std::string text("label ");
  text.append(label.substr(0, kMaxShown)).append(" = \"").append(value.substr(0, kMaxShown));
  return text.append(value.size() > kMaxShown ? "..." : "").append("\" is left out: ").append(remedy);
}

std::string DoYouMean(std::string_view word, const std::vector<std::string>& known) {
  const auto nearest = NearestOf(word, known);
  return nearest             ? "do you mean " + *nearest + "?"
         : known.size() == 1 ? "there is " + known.front()
                             : "there are " + OneAfterAnother(known);
}

std::string OneAfterAnother(const std::vector<std::string>& words) {
  std::string text;
  for (size_t i = 0; i < words.size(); ++i) {
    text.append(i == 0 ? "" : i + 1 == words.size() ? " and " : ", ").append(words[i]);
  }
  return text;
}

std::vector<std::string> UnknownLabels(const Definition& app, int port) {
  std::vector<std::string> problems;
  if (port == 0) {
    AddUnknown(app.labels, true, app.ports.size(), problems);
  }
  AddUnknown(app.ports[static_cast<size_t>(port)].labels, false, app.ports.size(), problems);
  return problems;
}

}  // namespace dispatcher
