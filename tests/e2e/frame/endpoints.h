// What both sides say is reachable, in one form, and how they differ.
#pragma once

#include <compare>
#include <map>
#include <string>
#include <string_view>

namespace dispatcher::testing {

struct Endpoint {
  std::string service;
  std::string address;
  int port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

// The status of each: "passing", "critical"; "" where any will do (health that
// nobody has reported yet).
using Endpoints = std::map<Endpoint, std::string>;

// "" if `actual` is what was expected, else one line for each difference.
std::string Difference(const Endpoints& expected, const Endpoints& actual);

// One line for each, sorted.
std::string Show(const Endpoints& endpoints);

// The service name of a port of an unlabelled app, written down a second time from
// the documentation, so that the dispatcher's own rule is tested against it.
std::string DefaultName(std::string_view app, int index, std::string_view port_name,
                        std::string_view protocol);

}  // namespace dispatcher::testing
