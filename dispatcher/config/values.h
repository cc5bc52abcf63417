// One value, from text to a field of Settings and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/config/table.h"

namespace dispatcher {

// "250ms", "60s", "1m30s", "0s"; never negative, never without a unit.
absl::StatusOr<Duration> ParseDuration(std::string_view text);
std::string FormatDuration(Duration duration);

// "host:port", "[::1]:8090". InvalidArgument otherwise.
struct ListenAddress {
  std::string host;  // without brackets
  int port = 0;
};
absl::StatusOr<ListenAddress> ParseListen(std::string_view text);

// Checks `values` against the row and stores them. More than one value, or a list
// of one, is fine for lists only. The message says what is wrong and what may stand
// there; it repeats the value unless it is a secret or a URL, which may hold one.
absl::Status StoreValue(const Setting& setting, const std::vector<std::string>& values, SettingTarget target);

// What StoreValue would take to get the same again; the parts of a list separated
// by commas. Secrets come out as they are: see describe.h for what may be shown.
std::string ValueText(const Setting& setting, SettingTarget target);

}  // namespace dispatcher
