// The operator's choices that shape what is published.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"

namespace dispatcher {

enum class RouteWhen : uint8_t { kRunning, kHealthy, kReady, kDeployed };

// A hint that a kill is coming counts for so long, if nothing follows.
inline constexpr Duration kHintFor = std::chrono::seconds(10);

struct CatalogPolicy {
  std::string domain = "service.consul";  // default host: <name>.<domain>
  RouteWhen route_when = RouteWhen::kHealthy;
  // services.unreachable: drop = 0, keep = nullopt, or for how long
  std::optional<Duration> unreachable_for = Duration::zero();
  Duration drain{};
  bool address_is_host_name = false;  // services.address: host (default ip: as Marathon says it, an IP wins)
  std::map<std::string, std::string> group_adapters;  // HAPROXY_GROUP -> adapter names, comma-separated
  std::vector<std::string> adapters;                  // all there are, by name; none: any name may be one
  // Service ports that no app may have: behind them are the routers' own APIs, which a
  // gateway would open to everybody.
  std::vector<int> reserved_ports;
  // So long a task that ended stays listed as dead, and void what is still told of it.
  Duration tombstone = std::chrono::minutes(10);
  // While more are listed, the oldest are so only this long, and known by id alone then (graves.h).
  size_t max_tombstones = 10'000;
  Duration tombstone_at_least = std::chrono::seconds(10);
  Duration learn_for = std::chrono::seconds(10);  // 404 and old versions are asked again this long
};

}  // namespace dispatcher
