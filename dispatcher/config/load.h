// All sources put together: file < environment < --set.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/config/overrides.h"
#include "dispatcher/config/settings.h"

namespace dispatcher {

struct ConfigurationSources {
  std::string file;               // "" = none
  Environment environment;        // the whole of it; what is not ours is left alone
  std::vector<std::string> sets;  // "key=value", later ones win
};

struct Configuration {
  Settings settings;
  std::map<std::string, std::string> origins;  // "marathon.urls" -> place; what is absent has its default
  std::vector<std::string> warnings;
};

// InvalidArgument (NotFound: no such file) with a line for every problem found,
// each naming the place, the key and the remedy. Secrets are never repeated.
absl::StatusOr<Configuration> LoadConfiguration(const ConfigurationSources& sources);

}  // namespace dispatcher
