#include "adapters/vulcand/routes.h"

#include <algorithm>
#include <set>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// Every sign but "/", "-", "_" and "~" behind a backslash: so that after a path comes
// nothing smaller than the "(" which ends it, and longer paths are tried first.
std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("/-_~").find(c) != std::string_view::npos;
    if (!plain) {
      out.push_back('\\');
    }
    out.push_back(c);
  }
  return out;
}

bool IsWildcard(std::string_view host) { return host.starts_with("*."); }

std::string HostPattern(std::string_view host) {
  return IsWildcard(host) ? "[^.]+" + Escape(host.substr(1)) : Escape(host);
}

std::string_view Prefix(std::string_view path) {
  while (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  return path;
}

// `Host("a")` -> "Host" and "a"; two empty strings if it is something else.
std::pair<std::string, std::string> Matcher(std::string_view text) {
  const size_t open = text.find('(');
  if (open == std::string_view::npos || !text.ends_with(')')) {
    return {};
  }
  const std::string_view literal = Trim(text.substr(open + 1, text.size() - open - 2));
  if (literal.size() < 2 || literal.front() != literal.back() ||
      (literal.front() != '`' && literal.front() != '"')) {
    return {};
  }
  return {std::string(Trim(text.substr(0, open))), std::string(literal.substr(1, literal.size() - 2))};
}

}  // namespace

std::string RouteText(std::string_view host, std::string_view path) {
  // A blank is less than "H": wildcards are tried after all whole hosts.
  std::string text =
      IsWildcard(host) ? " HostRegexp(`^" + HostPattern(Lower(host)) + "$`)" : "Host(`" + Lower(host) + "`)";
  const std::string_view prefix = Prefix(path);
  // "/" is less than "^": all of a host is tried after its paths.
  return text + " && PathRegexp(`" + (prefix.empty() ? "/.*" : "^" + Escape(prefix) + "(/.*)?$") + "`)";
}

std::string WithMark(std::string_view route) { return std::string(RouteWithoutMark(route)) + " "; }

std::string_view RouteWithoutMark(std::string_view route) {
  while (route.ends_with(' ')) {
    route.remove_suffix(1);
  }
  return route;
}

std::string ScopeText(const std::vector<std::string>& hosts) {
  if (hosts.size() == 1 && !IsWildcard(hosts[0])) {
    return "Host(`" + Lower(hosts[0]) + "`)";
  }
  // The language has no "or".
  std::string patterns;
  for (const std::string& host : std::set<std::string>(hosts.begin(), hosts.end())) {
    patterns += (patterns.empty() ? "" : "|") + HostPattern(Lower(host));
  }
  return "HostRegexp(`^(" + patterns + ")$`)";
}

std::string RouteMeaning(std::string_view route) {
  std::set<std::string> parts;
  while (!route.empty()) {
    const size_t end = std::min(route.find("&&"), route.size());
    const std::string_view part = Trim(route.substr(0, end));
    route.remove_prefix(std::min(end + 2, route.size()));
    const auto [name, value] = Matcher(part);
    const bool any_path = name == "PathRegexp" && (value == "/.*" || value == ".*" || value == "^/.*" ||
                                                   value == "/" || value == "^/" || value == "^/.*$");
    if (name.empty()) {
      parts.insert(std::string(part));
    } else if (!any_path) {
      parts.insert(name + "(" + (name.starts_with("Host") ? Lower(value) : value) + ")");
    }
  }
  std::string meaning;
  for (const std::string& part : parts) {
    meaning += part + "&&";
  }
  return meaning;
}

std::string RouteName(std::string_view host, std::string_view path) {
  const std::string_view prefix = Prefix(path);
  return Lower(host) + (prefix.empty() ? "/" : std::string(prefix));
}

}  // namespace dispatcher
