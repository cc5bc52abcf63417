#include "tests/vulcand_model/mux.h"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace dispatcher::testing {

void Mux::Apply(const std::string& kind, const std::string& parent, const std::string& id,
                const std::string& json) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(json.empty() ? "null" : json);
  const JsonView object = document->root();
  if (kind == "backend") {
    if (!json.empty()) {
      backends_[id];
    } else if (version_ != VulcandVersion::kBeta3) {
      backends_.erase(id);  // beta.3 keeps it, with the servers that were in it
    }
  } else if (kind == "server") {
    const auto backend = backends_.find(parent);
    if (backend != backends_.end() && json.empty()) {
      backend->second.servers.erase(id);
    } else if (backend != backends_.end()) {
      backend->second.servers[id] = object["URL"].StringOr("");
    }
  } else if (kind == "frontend" && json.empty()) {
    if (const auto frontend = frontends_.find(id); frontend != frontends_.end()) {
      routes_.erase(frontend->second.route);  // another frontend's too, if it has the same
      frontends_.erase(frontend);
    }
  } else if (kind == "frontend") {
    ApplyFrontend(id, object);
  } else if (kind == "listener" && json.empty()) {
    listeners_.erase(id);
  } else if (kind == "listener") {
    ApplyListener(id, object);
  }
}

void Mux::ApplyFrontend(const std::string& id, JsonView object) {
  Frontend wanted;
  wanted.backend = object["BackendId"].StringOr("");
  wanted.route = object["Route"].StringOr("");
  const JsonView settings = object["Settings"];
  for (const char* key : {"Limits", "FailoverPredicate", "Hostname", "TrustForwardHeader"}) {
    wanted.settings += settings[key].Dump() + "\n";
  }
  wanted.pass_host = version_ == VulcandVersion::kBeta3 || settings["PassHostHeader"].BoolOr(false);
  if (!backends_.contains(wanted.backend)) {
    return;
  }
  const auto known = frontends_.find(id);
  if (known != frontends_.end()) {
    Frontend& running = known->second;
    if (running.settings == wanted.settings && running.route == wanted.route &&
        running.backend == wanted.backend) {
      return;  // PassHostHeader alone is no change
    }
    if (running.route == wanted.route) {
      running = std::move(wanted);
      return;
    }
    routes_.erase(running.route);
  }
  const std::string route = wanted.route;
  frontends_[id] = std::move(wanted);
  if (auto parsed = Route::Parse(route); parsed.has_value()) {
    routes_.try_emplace(route, *std::move(parsed), id);  // whose route it is stays
  }
}

void Mux::ApplyListener(const std::string& id, JsonView object) {
  RunningListener wanted{object["Address"]["Address"].StringOr(""), object["Protocol"].StringOr(""),
                         object["Scope"].StringOr("")};
  if (const auto known = listeners_.find(id); known != listeners_.end()) {
    if (known->second.protocol == wanted.protocol) {
      known->second.scope = wanted.scope;  // its socket stays where it is
    }
    return;
  }
  const bool taken = std::any_of(listeners_.begin(), listeners_.end(), [&](const auto& listener) {
    return listener.second.address == wanted.address;
  });
  if (!taken && wanted.protocol == "http") {
    listeners_[id] = std::move(wanted);
  }
}

Mux::Target Mux::Choose(const std::string& scope, const RoutedRequest& request) {
  const Target none{404, R"({"error":"not found"})", "", false};
  if (!scope.empty()) {
    const std::optional<Route> allowed = Route::Parse(scope);
    if (!allowed.has_value() || !allowed->Matches(request)) {
      return none;
    }
  }
  for (const auto& [text, route] : routes_) {
    const auto frontend = frontends_.find(route.second);
    if (frontend == frontends_.end() || !route.first.Matches(request)) {
      continue;
    }
    Backend& backend = backends_[frontend->second.backend];
    std::set<std::string> urls;  // two servers with one URL are one
    for (const auto& [id, url] : backend.servers) {
      urls.insert(url);
    }
    if (urls.empty()) {
      return version_ == VulcandVersion::k092 ? Target{503, "Service Unavailable", "", false}
                                              : Target{500, "Internal Server Error", "", false};
    }
    auto url = urls.begin();
    std::advance(url, backend.turn++ % urls.size());
    return {200, "", *url, frontend->second.pass_host};
  }
  return none;
}

}  // namespace dispatcher::testing
