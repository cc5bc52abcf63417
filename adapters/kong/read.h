// Reading back what Kong holds of ours.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "adapters/kong/api.h"
#include "adapters/kong/book.h"
#include "adapters/kong/uncarried.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

// Who writes here, and how. Lives as long as the adapter.
struct KongSite {
  std::string owner;
  bool to_router = false;   // mode router: no upstreams are needed
  bool whole_file = false;  // a DB-less Kong is ours alone
  bool delete_with_plugins = false;
  KongApi* api = nullptr;
  KongBook* book = nullptr;
  Uncarried* uncarried = nullptr;
};

// FailedPrecondition if a Kong like this can't be written to as configured; the
// message has the remedy.
absl::Status CheckUsable(const KongSite& site, const KongVersion& version);

// Ours by its name and, from 1.1 on, by its tags. One that has one of the two is
// somebody else's.
bool IsOwn(const KongSite& site, const KongVersion& version, const KongService& service);
bool IsOwn(const KongSite& site, const KongVersion& version, const KongRoute& route);
// The body of what is ours.
std::string BodyOfOwn(const KongSite& site, const KongVersion& version, const KongService& service);
// Everybody's; before 0.13 an API is one of each, with the same id.
struct KongRouting {
  std::vector<KongService> services;
  std::vector<KongRoute> routes;
};
absl::StatusOr<KongRouting> ReadRouting(KongApi& api, const KongVersion& version, const Cancel& cancel);

// Before 1.1 a route has no mark: of a service of ours the oldest is.
const KongRoute* OldestOf(const std::vector<KongRoute>& routes);

// The entry of a service and its route; a null route was not found.
Entry EntryOf(const KongSite& site, const KongVersion& version, const KongService& service,
              const KongRoute* route);
Entry EntryOf(const KongSite& site, const KongVersion& version, std::string_view body,
              const KongTarget& target);

// The targets of an upstream, those of others too. NotFound if there is none.
absl::StatusOr<std::vector<KongTarget>> ReadTargets(KongApi& api, const KongVersion& version,
                                                    std::string_view upstream, const Cancel& cancel);

// All entries of the owner, and the book brought up to date.
absl::Status ReadKong(const KongSite& site, const Cancel& cancel, absl::FunctionRef<void(Entry)> visit);

}  // namespace dispatcher
