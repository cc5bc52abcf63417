// Carries out one Write call on a Kong with a database: objects are looked at
// first, so that what is there already is not written again (each write, even of
// the same, makes Kong build its router anew) and what is another's is not touched.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/kong/read.h"
#include "dispatcher/base/cancel.h"
#include "dispatcher/base/clock.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

class KongWrite {
 public:
  // All of them outlive this.
  KongWrite(const KongSite& site, const KongVersion& version, std::span<const Change> changes, Mono deadline,
            const Cancel& cancel);

  // One status a change, in their order.
  std::vector<absl::Status> Run();

  // Makes what `entry` wants of a service and a route that others made, in place, so
  // that whatever hangs on them stays. Before 0.13 both are one API.
  absl::Status TakeOver(const Entry& entry, const KongService& service, const KongRoute& route);

 private:
  struct Pair {  // a service and the route of ours on it
    std::optional<KongService> service;
    std::optional<KongRoute> route;
  };
  using Targets = std::map<std::string, KongTarget>;  // by address

  absl::Status Apply(const Change& change);
  // As KongApi::Call, but says by its status what the answer means.
  absl::StatusOr<HttpResponse> Send(std::string_view method, const std::string& path, std::string body = "");
  absl::Status Noted(const absl::Status& status);  // the same; remembers a refused token, which ends the call

  // targets.cc
  absl::Status PutUpstream(const Entry& entry, const std::string& body);
  absl::Status DeleteUpstream(const std::string& body);
  absl::Status PutTarget(const Entry& entry, const KongId& id);
  absl::Status DeleteTarget(const KongId& id);
  // The upstream's targets, read once a call; null: there is no such upstream.
  absl::StatusOr<Targets*> TargetsOf(const std::string& body);
  absl::Status CheckOwnUpstream(const std::string& body);

  // services.cc
  absl::Status PutService(const Entry& entry, const std::string& body);
  absl::Status WritePair(const Entry& entry, const std::string& body, const Pair& there);
  absl::Status CreateRoute(const Entry& entry, const std::string& name, const std::string& service,
                           const std::vector<std::string>& tags);
  absl::Status DeleteService(const std::string& body);
  absl::Status DeleteRoute(const std::string& id);
  absl::StatusOr<Pair> FindPair(const std::string& body);
  absl::StatusOr<std::vector<KongRoute>> RoutesOf(const std::string& service);
  absl::Status CheckPlaces(const Entry& entry);
  // The plugins that would go with it, in words. FailedPrecondition if it has a
  // route of others, without which it can't be deleted.
  absl::StatusOr<std::string> GuestsOf(const Pair& pair);
  // FailedPrecondition if there are guests that must stay.
  absl::Status CheckGuests(const std::string& guests, const std::string& what) const;
  absl::Status NameTaken(const std::string& name, const absl::Status& status);

  // apis.cc: the same before 0.13
  absl::StatusOr<std::optional<KongApiObject>> FindApi(const std::string& name);
  absl::Status PutApi(const Entry& entry, const std::string& name);
  absl::Status WriteApi(const Entry& entry, const std::string& name,
                        const std::optional<KongApiObject>& there);
  absl::Status DeleteApi(const std::string& name);

  // Ours and those that others put beside them.
  static std::vector<std::string> Joined(std::vector<std::string> tags,
                                         const std::vector<std::string>& others);
  std::string NameFor(const Entry& entry, const std::string& body) const;
  std::vector<std::string> TagsFor(const Entry& entry, const std::string& body) const;
  // "2 plugins on service "x" (rate-limiting, key-auth)", or "".
  absl::StatusOr<std::string> PluginsOn(const std::string& path, const std::string& what);

  const KongSite& site_;
  KongApi& api_;
  const KongVersion version_;
  const uint64_t moves_;  // of the API when `version_` was asked for
  const std::span<const Change> changes_;
  const Mono deadline_;
  const Cancel& cancel_;
  absl::Status stop_;   // not OK: nothing more is sent
  int unanswered_ = 0;  // changes in a row that Kong did not answer, or with 5xx
  std::map<std::string, Targets> targets_;
};

}  // namespace dispatcher
