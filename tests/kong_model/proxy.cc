#include "tests/kong_model/proxy.h"

#include <algorithm>
#include <utility>

#include "adapters/kong/objects.h"
#include "dispatcher/base/strings.h"

namespace dispatcher::kong_model {
namespace {

bool HostMatches(const std::string& pattern, const std::string& host) {
  if (pattern.starts_with("*.")) {
    return host.ends_with(pattern.substr(1));
  }
  return pattern.ends_with(".*") ? host.starts_with(pattern.substr(0, pattern.size() - 1)) : pattern == host;
}

// The longest of them that the path begins with; nullopt if none does.
std::optional<std::string> PathOf(const std::vector<std::string>& paths, const std::string& path) {
  std::optional<std::string> longest = paths.empty() ? std::optional<std::string>("") : std::nullopt;
  for (const std::string& prefix : paths) {
    if (path.starts_with(prefix) && (!longest || prefix.size() > longest->size())) {
      longest = prefix;
    }
  }
  return longest;
}

HttpReply Message(int status, const char* text) { return Reply(status, TextOf({{"message", Quote(text)}})); }

}  // namespace

void Proxy::Rebuild(const State& state) {
  routes_.clear();
  const auto add = [&](const KongService& service, const KongRoute& seen, uint64_t order) {
    Route route;
    route.hosts = seen.hosts;
    route.paths = seen.paths;
    route.strip_path = seen.strip_path;
    route.preserve_host = seen.preserve_host;
    route.protocol = service.protocol;
    route.host = service.host;
    route.port = service.port;
    route.path = service.path;
    route.order = order;
    routes_.push_back(std::move(route));
  };
  for (const auto& [id, row] : state.table("apis")) {
    const auto document = JsonDocument::Parse(TextOf(row.fields));
    const KongApiObject api = ParseApi(document->root());
    add(api.service, api.route, row.order);
  }
  for (const auto& [id, row] : state.table("routes")) {
    const auto route = JsonDocument::Parse(TextOf(row.fields));
    const KongRoute seen = ParseRoute(route->root());
    const auto service = state.table("services").find(seen.service);
    if (service != state.table("services").end()) {
      const auto document = JsonDocument::Parse(TextOf(service->second.fields));
      add(ParseService(document->root()), seen, row.order);
    }
  }
}

std::vector<std::string> Proxy::Servers(const State& state, const Route& route) {
  for (const auto& [id, row] : state.table("upstreams")) {
    if (Get(row.fields, "name") != route.host) {
      continue;
    }
    // Smooth weighted round robin: the one that is furthest behind comes first.
    std::map<std::string, int64_t>& credit = balance_[route.host];
    std::vector<std::pair<int64_t, std::string>> order;
    int64_t sum = 0;
    for (const Object& target : state.ActiveTargets(id)) {
      const int64_t weight = Number(target, "weight", 0);
      sum += weight;
      order.emplace_back(-(credit[Get(target, "target")] += weight), Get(target, "target"));
    }
    std::sort(order.begin(), order.end());
    std::vector<std::string> servers;
    for (const auto& [behind, target] : order) {
      servers.push_back(route.protocol + "://" + target);
    }
    if (!order.empty()) {
      credit[order[0].second] -= sum;
    }
    return servers;
  }
  Url url;
  url.scheme = route.protocol;
  url.host = route.host;
  url.port = static_cast<int>(route.port);
  return {url.Origin()};
}

void Proxy::TakeUp(const State& state, int late_ms) {
  const Mono now = MonoClock::now();
  if (built_ != state.routing_generation()) {
    waiting_ = waiting_.value_or(now);
    if (now - *waiting_ >= std::chrono::milliseconds(late_ms)) {
      Rebuild(state);
      built_ = state.routing_generation();
      waiting_.reset();
    }
  }
}

std::optional<Proxy::Choice> Proxy::Choose(const State& state, int late_ms, const HttpCall& call) {
  TakeUp(state, late_ms);
  std::string host = Lower(FindHeader(call.headers, "Host"));
  host = host.substr(0, host.rfind(':'));
  const Route* best = nullptr;
  std::string matched;
  for (const Route& route : routes_) {
    const bool host_fits =
        route.hosts.empty() || std::any_of(route.hosts.begin(), route.hosts.end(),
                                           [&](const auto& h) { return HostMatches(h, host); });
    const std::optional<std::string> path = PathOf(route.paths, call.path);
    if (!host_fits || !path) {
      continue;
    }
    const auto rank = [](const Route& r, size_t length) {
      return std::tuple(!r.hosts.empty() + !r.paths.empty(), length, ~r.order);
    };
    if (best == nullptr || rank(*best, matched.size()) < rank(route, path->size())) {
      best = &route;
      matched = *path;
    }
  }
  if (best == nullptr) {
    return std::nullopt;
  }
  Choice choice;
  choice.servers = Servers(state, *best);
  choice.tries = state.version().HasUpstreams() ? 6 : 1;  // `retries`, five, came with 0.10
  choice.path = best->path;
  choice.preserve_host = best->preserve_host;
  choice.strip = best->strip_path ? matched : "";
  return choice;
}

HttpClient& Proxy::ClientOf(const std::string& server) {
  MutexLock lock(clients_mutex_);
  std::unique_ptr<HttpClient>& client = clients_[server];
  if (client == nullptr) {
    HttpClientOptions options;
    options.base = Url::Parse(server).value_or(Url());
    options.read_timeout = std::chrono::seconds(60);
    client = std::make_unique<HttpClient>(std::move(options));
  }
  return *client;
}

HttpReply Proxy::Pass(const HttpCall& call, const std::optional<Choice>& choice) {
  if (!choice) {
    return Message(404, "no Route matched with those values");
  }
  if (choice->servers.empty()) {
    return Message(503, "failure to get a peer from the ring-balancer");
  }
  HttpRequest request;
  request.method = call.method;
  std::string target = call.raw_target;
  if (!choice->strip.empty() && target.starts_with(choice->strip)) {
    target = target.substr(choice->strip.size());
    target = target.starts_with("/") ? target : "/" + target;
  }
  request.target = choice->path + target;
  request.body = call.body;
  for (const auto& [name, value] : call.headers) {
    const bool hop = EqualsIgnoreCase(name, "Connection") || EqualsIgnoreCase(name, "Content-Length") ||
                     EqualsIgnoreCase(name, "Content-Type") || EqualsIgnoreCase(name, "Accept-Encoding") ||
                     EqualsIgnoreCase(name, "REMOTE_ADDR") || EqualsIgnoreCase(name, "REMOTE_PORT") ||
                     EqualsIgnoreCase(name, "LOCAL_ADDR") || EqualsIgnoreCase(name, "LOCAL_PORT");
    if (!hop && (choice->preserve_host || !EqualsIgnoreCase(name, "Host"))) {
      request.headers.emplace_back(name, value);
    }
  }
  // Kong tries the next target when one can't be reached, or the only one again, as its
  // documentation has it.
  for (size_t i = 0; i < choice->tries; ++i) {
    const auto response = ClientOf(choice->servers[i % choice->servers.size()]).Call(request, Cancel());
    if (!response.ok()) {
      continue;
    }
    HttpReply reply;
    reply.status = response->status;
    reply.body = response->body;
    reply.content_type = FindHeader(response->headers, "Content-Type");
    reply.headers.emplace_back("Via", "kong-model");
    return reply;
  }
  return Message(502, "An invalid response was received from the upstream server");
}

}  // namespace dispatcher::kong_model
