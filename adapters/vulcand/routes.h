// Vulcand's route language, as far as we write it and compare with what others
// wrote: Host, HostRegexp, Path, PathRegexp joined by "&&", Go string literals.
//
// Routes are tried in reverse order of their text (route/router.go), so the text
// decides which of two that match is taken: longer paths before shorter ones and
// whole hosts before wildcards.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace dispatcher {

// The route of one host ("*.example.com" for every host one label below) and one
// path prefix; path "" or "/" is all of the host. Neither may hold a backtick.
std::string RouteText(std::string_view host, std::string_view path);

// A route with another text that takes the same requests: two frontends must not have the
// same one. Nothing else here ends in a blank, and where one is read it is left out, so that
// nobody mends it: Vulcand changes a frontend's route by taking it away first.
std::string WithMark(std::string_view route);
std::string_view RouteWithoutMark(std::string_view route);

// The expression that lets only these hosts through a listener.
std::string ScopeText(const std::vector<std::string>& hosts);

// Equal for routes that match the same requests in spite of other quotes, blanks,
// case of the host or order; good enough to tell that a stranger holds a route.
std::string RouteMeaning(std::string_view route);

// How people know a route: "shop.example.com/api".
std::string RouteName(std::string_view host, std::string_view path);

}  // namespace dispatcher
