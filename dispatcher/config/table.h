// The one table of settings. File, environment, --set, the checks, `dispatcher
// config`, the help and the README's table are all read off it: a new setting is a
// field in settings.h and a row in table.cc.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "dispatcher/config/settings.h"

namespace dispatcher {

enum class SettingKind {
  kText,              // printable ASCII without blanks and colons; may be empty
  kInteger,           // `allowed` is "low..high"
  kBool,              // true, false
  kDuration,          // 250ms, 60s, 1m30s; `allowed` is "low..high"
  kChoice,            // one of `allowed`, separated by |; "" too where that is the default
  kChoiceOrDuration,  // the same, or a duration
  kUrl,               // http://host[:port][/path]
  kUrlTemplate,       // the same with {host} in the place of the host
  kUrls,              // one or more of them
  kHostNames,         // DNS names, the first label may be "*"; may be none
  kPaths,             // "/..." without blanks; may be none
  kTargets,           // host:port; may be none
  kFile,              // path of a readable file
  kOwner,             // [a-z0-9]{1,20}
  kDomain,            // a DNS name
  kHost,              // an IP address, IPv6 without brackets, or a host name
  kListen,            // host:port
  kAdapterNames,      // names of adapters, separated by commas
  kSecret,            // taken from the environment only, never shown
};

// Where a row's value lives: the adapter for "adapters.*.…", the member of a map
// for other keys with a star.
struct SettingTarget {
  Settings& settings;
  AdapterSettings* adapter = nullptr;
  std::string name = {};  // what the star stands for
};

using SettingField =
    std::variant<std::string& (*)(SettingTarget&), int& (*)(SettingTarget&), bool& (*)(SettingTarget&),
                 Duration& (*)(SettingTarget&), std::vector<std::string>& (*)(SettingTarget&)>;

struct Setting {
  std::string_view key;  // "marathon.urls"; one level may be "*", a name of one's own
  SettingKind kind;
  std::string_view fallback;       // the default as text; "" = not set
  std::string_view allowed;        // see SettingKind; else ""
  std::string_view help;           // one sentence without a full stop
  std::string_view adapter_types;  // for "adapters.*.…": types that know it, separated by commas; "" = all
  SettingField field;
};

// In the order of the documentation. A key of adapters may stand in several rows,
// whose types have none in common: its default or meaning depends on the type.
std::span<const Setting> SettingsTable();

// The types of adapters that exist, sorted.
const std::vector<std::string>& SettableAdapterTypes();
bool AppliesToType(const Setting& setting, std::string_view adapter_type);
// "adapters.router.url" for the row "adapters.*.url" and the adapter "router"; "" for a row
// that is no setting of adapters of that type.
std::string AdapterKey(const Setting& setting, std::string_view adapter, std::string_view type);

// "DISPATCHER_MARATHON__URLS" for "marathon.urls"; a star becomes <NAME>.
std::string EnvironmentName(std::string_view key);

// "consul, kong or memory"
std::string OneOf(const std::vector<std::string>& words);

// What may be written there, for people: "0..100", "drop, keep or a duration".
std::string AllowedText(const Setting& setting);

}  // namespace dispatcher
