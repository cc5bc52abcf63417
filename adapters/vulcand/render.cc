#include "adapters/vulcand/render.h"

#include <algorithm>
#include <utility>

#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "adapters/vulcand/routes.h"

namespace dispatcher {
namespace {

std::string BackendId(const VulcandRules& rules, const ServiceKey& key, const Profile& profile) {
  return profile.shared ? SharedVulcandId(rules.owner, profile.names.front()) : VulcandId(rules.owner, key);
}

// What Vulcand can't hold, in words, or "".
std::string Refusal(const VulcandRules& rules, const Profile& profile) {
  if (profile.hosts.empty()) {
    return "it has no host to route by";
  }
  const auto unfit = [](const std::string& text) {
    return std::any_of(text.begin(), text.end(), [](char c) { return c == '`' || c <= ' '; });
  };
  for (const auto* texts : {&profile.hosts, &profile.paths}) {
    for (const std::string& text : *texts) {
      if (unfit(text)) {
        return "\"" + text + "\" can't be part of a route: it holds a blank or a backtick";
      }
    }
  }
  const bool all_root =
      std::all_of(profile.paths.begin(), profile.paths.end(), [](const auto& path) { return path == "/"; });
  if (profile.strip_path && !all_root) {
    return "strip-path: Vulcand strips a path only by a rewrite that runs the client's URL as a template; "
           "let the gateway strip it, or drop dispatcher.strip-path";
  }
  if (rules.listeners && profile.service_port <= 0) {
    return "it has no service port for a listener of its own: give the port a servicePort, or set "
           "listeners: false";
  }
  return "";
}

}  // namespace

Rendered RenderService(const VulcandRules& rules, const Service& service) {
  Rendered rendered = RoutedPublication(service, rules.adapter, rules.expose);
  if (!rendered.published || service.profile == nullptr) {
    return rendered;
  }
  const Profile& profile = *service.profile;
  rendered.refusal = Refusal(rules, profile);
  if (!rendered.refusal.empty()) {
    rendered.published = false;
    return rendered;
  }

  const std::string backend = BackendId(rules, service.key, profile);
  // A shared object is nobody's alone.
  const ServiceKey owner = profile.shared ? ServiceKey{} : service.key;
  rendered.structure.push_back(BackendEntry(backend, owner));
  if (profile.shared) {
    rendered.claims.push_back({"name " + profile.names.front(), true});
  }

  const std::vector<std::string> whole = {"/"};
  for (const std::string& host : profile.hosts) {
    for (const std::string& path : profile.paths.empty() ? whole : profile.paths) {
      std::string route = RouteText(host, path);
      const std::string claim = "route " + RouteName(host, path);
      const bool doubled = std::any_of(rendered.claims.begin(), rendered.claims.end(),
                                       [&](const Claim& known) { return known.what == claim; });
      if (doubled) {
        continue;
      }
      // The first keeps the plain id, so that what an operator hung on it stays
      // through a change of host. Where several apps share, order means nothing.
      const bool first = rendered.structure.size() == 1 && !profile.shared;
      std::string id = first ? backend : RouteId(backend, route);
      std::string hostname = host.starts_with("*.") ? "" : host;
      rendered.claims.push_back({claim, profile.shared});
      rendered.structure.push_back(
          FrontendEntry(std::move(id), owner, backend, std::move(route), std::move(hostname)));
    }
  }
  if (rules.listeners) {
    const std::string address = HostPort(rules.listener_address, profile.service_port);
    rendered.claims.push_back({"listener " + address, false});
    rendered.structure.push_back(
        ListenerEntry(VulcandId(rules.owner, service.key), service.key, address, ScopeText(profile.hosts)));
  }
  return rendered;
}

std::vector<Entry> RenderInstance(const VulcandRules& rules, const Service& service,
                                  const Instance& instance) {
  if (instance.profile == nullptr || instance.address.empty()) {
    return {};
  }
  // The backend is the service's as it is now: frontends name only that one.
  const Profile& profile = service.profile != nullptr ? *service.profile : *instance.profile;
  const std::string backend = BackendId(rules, service.key, profile);
  // Servers of a shared backend are told apart by what their task ids say.
  ServiceKey key = profile.shared ? ServiceKey{AppOfTask(instance.task), service.key.port} : service.key;
  return {ServerEntry(backend, std::move(key), instance.task, HostPort(instance.address, instance.port))};
}

}  // namespace dispatcher
