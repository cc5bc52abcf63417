// Kong's objects in one form for all versions, and as entries. Render, Read and
// Write go through here, so that what is read back equals what was rendered.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/kong/names.h"
#include "adapters/kong/version.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

// EntryId::kind. A route is a part of its service's entry; it is an entry of its
// own only if it was found without one, and then its id is Kong's.
inline constexpr std::string_view kUpstreamKind = "upstream";
inline constexpr std::string_view kTargetKind = "target";
inline constexpr std::string_view kServiceKind = "service";
inline constexpr std::string_view kRouteKind = "route";

// Requests reach a new service only when its targets are there.
inline constexpr uint8_t kUpstreamRank = 0, kTargetRank = 1, kServiceRank = 2;

inline constexpr std::string_view kToTargets = "targets";  // field "to": the service's own upstream

struct KongService {
  std::string id, name;
  std::string protocol = "http", host, path;
  int64_t port = 80;
  KongMark mark;
  std::vector<std::string> other_tags;

  std::string Url() const;  // "http://vulcand:10000/path", IPv6 in brackets
};

struct KongRoute {
  std::string id, name, service;          // id of its service, "" without one
  std::vector<std::string> hosts, paths;  // sorted
  bool strip_path = true, preserve_host = false;
  bool narrow = false;  // methods, headers or such: it takes only some of the requests
  int64_t created = 0;  // seconds or milliseconds, by version
  KongMark mark;
  std::vector<std::string> other_tags;
};

struct KongTarget {
  std::string id;
  std::string text;     // as Kong writes its address
  std::string address;  // as entries do
  int64_t weight = 0;
  double created = 0;
  KongMark mark;
  std::vector<std::string> other_tags;
};

KongService ParseService(JsonView json);
KongRoute ParseRoute(JsonView json);
KongTarget ParseTarget(JsonView json);
// An API of Kong before 0.13 is both.
struct KongApiObject {
  KongService service;
  KongRoute route;
};
KongApiObject ParseApi(JsonView json);

// Of 0.10 and 0.11's history the newest row for each address, without those that
// were switched off by a weight of 0. Of two rows of one time Kong itself takes the one
// with the greater id (core/balancer.lua).
std::vector<KongTarget> NewestOf(std::vector<KongTarget> rows);

// `name` is the service's without the owner. A null `route` leaves its fields out,
// so that the entry differs from every one that is wanted.
Fields FieldsOf(const KongService& service, const KongRoute* route, std::string_view name,
                std::string_view upstream);
Fields FieldsOf(const KongTarget& target);

std::string ListText(std::vector<std::string> items);  // sorted, as JSON
std::vector<std::string> ListOf(std::string_view text);
std::string_view FieldOf(const Entry& entry, std::string_view key);

// InvalidArgument if traffic can't be sent to the address of a target's entry.
absl::Status CheckTarget(const Entry& entry);

}  // namespace dispatcher
