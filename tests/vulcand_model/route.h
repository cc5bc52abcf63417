// Vulcand's route language, the part of it that people use: Host, Path, Method with
// <name> wildcards for one label or segment, their Regexp forms, Header and
// HeaderRegexp, joined by "&&"; Go string literals in backticks or double quotes.
#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/net/http.h"

namespace dispatcher::testing {

struct RoutedRequest {
  std::string method, host, path;  // host as it came, path without the query
  HttpHeaders headers;
};

class Route {
 public:
  // Nothing if it is no expression of the language.
  static std::optional<Route> Parse(std::string_view text);
  bool Matches(const RoutedRequest& request) const;

 private:
  struct Matcher {
    std::string kind, header;
    bool anywhere = false;  // a Regexp form matches any part
    std::regex pattern;
  };
  std::vector<Matcher> matchers_;
};

}  // namespace dispatcher::testing
