// What has to be looked at before a write, because Vulcand answers 200 to it and does
// not do it, or does more than was asked:
//
//   two frontends with one route      the second is ignored; deleting either ends both
//   two listeners on one address      the second is ignored, and Vulcand won't start again
//   another address for a listener    ignored: it has to be deleted and made anew
//   PassHostHeader alone              ignored: needs another change in the same write
//   deleting a frontend               deletes the middlewares that hang on it
//   deleting a backend                deletes the servers in it; 0.8.0-beta.3 goes on
//                                     sending traffic to them if it comes back
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

struct SeenFrontend {
  std::string backend, route;
  bool hides_host = false;
  int64_t memory = 0;  // Limits.MaxMemBodyBytes
  bool tuned = false;  // has limits, a failover or such, which nobody here ever sets
};
struct SeenListener {
  std::string address, protocol, scope;
};
// By id, everybody's.
using SeenFrontends = std::map<std::string, SeenFrontend, std::less<>>;
using SeenListeners = std::map<std::string, SeenListener, std::less<>>;

// True if only one of the two can be listened on: one port, unless each has an address
// of its own.
bool SameAddress(std::string_view a, std::string_view b);

SeenFrontend SeeFrontend(JsonView frontend);
SeenListener SeeListener(JsonView listener);

// How an engine looks at what is there now.
class VulcandView {
 public:
  virtual ~VulcandView() = default;
  virtual absl::StatusOr<SeenFrontends> Frontends() = 0;
  virtual absl::StatusOr<SeenListeners> Listeners() = 0;
  // Ids.
  virtual absl::StatusOr<std::vector<std::string>> Backends() = 0;
  virtual absl::StatusOr<std::vector<std::string>> Middlewares(std::string_view frontend) = 0;
  virtual absl::StatusOr<std::vector<std::string>> Servers(std::string_view backend) = 0;
};

// How a put has to be carried out.
struct PutPlan {
  bool anew = false;   // delete it first
  int64_t memory = 0;  // for ObjectJson
};

// For one call of Write. Looks each list up once, when it is needed, and keeps it up
// to date with what is done.
class VulcandGuards {
 public:
  VulcandGuards(std::string_view owner, VulcandView& view) : owner_(owner), view_(view) {}

  // FailedPrecondition names the holder and the remedy; Aborted if that is one of ours,
  // which is going or has to go first.
  absl::StatusOr<PutPlan> BeforePut(const Entry& entry);
  absl::Status BeforeDelete(const EntryId& id);

  void Done(const Change& change);

 private:
  absl::Status Load(std::string_view kind);
  absl::Status Conflict(std::string_view what, std::string_view kind, std::string_view holder) const;
  absl::StatusOr<PutPlan> BeforePutFrontend(const Entry& entry);
  absl::StatusOr<PutPlan> BeforePutListener(const Entry& entry);
  absl::Status BeforeDeleteFrontend(std::string_view id);
  absl::Status BeforeDeleteBackend(std::string_view id);

  const std::string_view owner_;
  VulcandView& view_;
  std::optional<SeenFrontends> frontends_;
  std::optional<SeenListeners> listeners_;
};

}  // namespace dispatcher
