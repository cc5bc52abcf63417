#include "dispatcher/config/describe.h"

#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/config/table.h"
#include "dispatcher/config/values.h"

namespace dispatcher {
namespace {

// JSON strings are YAML strings.
std::string QuotedText(std::string_view text) {
  JsonWriter json;
  json.String(text);
  return json.Take();
}

std::string Written(const Setting& setting, const std::string& text) {
  switch (setting.kind) {
    case SettingKind::kInteger:
    case SettingKind::kBool:
    case SettingKind::kDuration:
      return text;
    case SettingKind::kUrls:
    case SettingKind::kHostNames:
    case SettingKind::kPaths:
    case SettingKind::kTargets: {
      std::string list;
      for (const std::string_view item : Split(text, ',')) {
        list.append(list.empty() ? "[" : ", ").append(QuotedText(item));
      }
      return text.empty() ? "[]" : list + "]";
    }
    default:
      return QuotedText(text);
  }
}

class Page {
 public:
  explicit Page(const Configuration& configuration)
      : configuration_(configuration), settings_(configuration.settings) {}

  std::string Write() {
    bool adapters_done = false, statics_done = false;
    for (const Setting& setting : SettingsTable()) {
      if (setting.key.starts_with("adapters.")) {
        if (!adapters_done) {
          Adapters();
          adapters_done = true;
        }
      } else if (setting.key.starts_with("static_services.")) {
        if (!statics_done) {
          Statics();
          statics_done = true;
        }
      } else if (setting.key.starts_with("leader") &&
                 (setting.key == "leader" ? settings_.leader.none.empty() : !settings_.leader.configured)) {
        continue;  // to name any of it would ask for an election
      } else if (setting.key.ends_with(".*")) {
        Groups(setting);
      } else {
        Line(setting, std::string(setting.key), {settings_});
      }
    }
    return std::move(text_);
  }

 private:
  void Adapters() {
    for (AdapterSettings& adapter : settings_.adapters) {
      for (const Setting& setting : SettingsTable()) {
        if (const std::string key = AdapterKey(setting, adapter.name, adapter.type); !key.empty()) {
          Line(setting, key, {settings_, &adapter, adapter.name});
        }
      }
    }
  }

  void Statics() {
    for (const auto& [name, service] : configuration_.settings.static_services) {
      for (const Setting& setting : SettingsTable()) {
        if (constexpr std::string_view kPrefix = "static_services.*."; setting.key.starts_with(kPrefix)) {
          const std::string leaf(setting.key.substr(kPrefix.size()));
          Line(setting, "static_services." + name + "." + leaf, {settings_, nullptr, name});
        }
      }
    }
  }

  void Groups(const Setting& setting) {
    std::vector<std::string> names;  // ValueText may touch the map
    for (const auto& group : settings_.services.haproxy_groups) {
      names.push_back(group.first);
    }
    for (const std::string& name : names) {
      Line(setting, "services.haproxy_groups." + name, {settings_, nullptr, name});
    }
  }

  void Line(const Setting& setting, const std::string& key, SettingTarget target) {
    const std::vector<std::string_view> path = Split(key, '.');
    Blocks(path);
    const std::string indent(2 * (path.size() - 1), ' ');
    const auto origin = configuration_.origins.find(key);
    const std::string place = origin == configuration_.origins.end() ? "default" : origin->second;
    const std::string value = ValueText(setting, target);
    std::string line = indent;
    if (setting.kind == SettingKind::kSecret) {
      if (value.empty()) {
        return;
      }
      line.append("# ").append(path.back()).append(": set, not shown");
    } else {
      line.append(path.back()).append(": ").append(Written(setting, value));
    }
    line.resize(std::max<size_t>(line.size(), 60), ' ');
    text_.append(line).append("  # ").append(place).append("\n");
  }

  // Opens the blocks that `path` lies in and the line before did not.
  void Blocks(const std::vector<std::string_view>& path) {
    for (size_t level = 0; level + 1 < path.size(); ++level) {
      if (level < open_.size() && open_[level] == path[level]) {
        continue;
      }
      open_.resize(level);
      open_.emplace_back(path[level]);
      text_.append(std::string(2 * level, ' ')).append(path[level]).append(":\n");
    }
    open_.resize(std::min(open_.size(), path.size() - 1));
  }

  const Configuration& configuration_;
  Settings settings_;  // a copy, because fields are reached through references
  std::vector<std::string> open_;
  std::string text_;
};

std::string Help(const Setting& setting) {
  return std::string(setting.help) +
         (setting.adapter_types.empty() ? "" : " (" + std::string(setting.adapter_types) + ")");
}

std::string Escaped(std::string_view cell) {
  std::string text;
  for (const char c : cell) {
    text.append(c == '|' ? "\\|" : std::string(1, c));
  }
  return text;
}

}  // namespace

std::string DescribeConfiguration(const Configuration& configuration) { return Page(configuration).Write(); }

std::string SettingsMarkdown() {
  std::string text = "| Key | Default | Takes | Meaning |\n|---|---|---|---|\n";
  for (const Setting& setting : SettingsTable()) {
    const std::string fallback(setting.fallback);
    text.append("| `")
        .append(setting.key)
        .append("` | ")
        .append(fallback.empty() ? "" : "`" + fallback + "`");
    text.append(" | ")
        .append(Escaped(AllowedText(setting)))
        .append(" | ")
        .append(Escaped(Help(setting)))
        .append(" |\n");
  }
  return text;
}

std::string SettingsHelp() {
  std::string text;
  for (const Setting& setting : SettingsTable()) {
    std::string line = "  " + std::string(setting.key);
    line.resize(std::max<size_t>(line.size(), 32), ' ');
    text.append(line).append("  ").append(Help(setting)).append("\n").append(34, ' ');
    text.append("takes ").append(AllowedText(setting));
    if (!setting.fallback.empty()) {
      text.append("; default ").append(setting.fallback);
    }
    text.append("\n");
  }
  return text;
}

}  // namespace dispatcher
