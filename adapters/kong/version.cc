#include "adapters/kong/version.h"

#include <vector>

#include "dispatcher/base/strings.h"

namespace dispatcher {

std::optional<KongVersion> KongVersion::Parse(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text.substr(0, text.find('-')), '.');
  int numbers[3] = {0, 0, 0};
  for (size_t i = 0; i < parts.size() && i < 3; ++i) {
    const std::optional<int64_t> number = ParseInt(parts[i]);
    if (!number || *number < 0 || *number > 9999) {
      return std::nullopt;
    }
    numbers[i] = static_cast<int>(*number);
  }
  if (parts.size() < 2) {
    return std::nullopt;
  }
  KongVersion version;
  version.major = numbers[0];
  version.minor = numbers[1];
  version.patch = numbers[2];
  return version;
}

std::string KongVersion::Text() const {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

}  // namespace dispatcher
