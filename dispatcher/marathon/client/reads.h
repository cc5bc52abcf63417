// Reads of Marathon's REST API, decoded.
//
// Every call asks the stream's node first and then the configured ones, until one
// answers with anything but a 5xx, a 401/403 or an unusable answer. A 401 makes
// the secret be read again, once. An answer that is not JSON by its content type
// (a login page) is an error. Nothing is retried later: that is the scheduler's.
//
// Pods (/v2/pods/::status, Marathon 1.4+, 404 or 405 before) would be one more
// call here with a codec of its own, visited in the same form.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "dispatcher/base/cancel.h"
#include "dispatcher/marathon/client/nodes.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

// How a read ended. `status` OK: complete. NotFound: Marathon itself said 404.
// Others: Unavailable, DeadlineExceeded, Unauthenticated, PermissionDenied,
// InvalidArgument (not what was asked for), Cancelled.
struct ReadResult {
  absl::Status status;
  std::string leader;           // "" if nobody answered
  int apps = 0;                 // elements, decoded or not
  std::vector<AppId> bad_apps;  // not decoded; "" where not even the id could be
};

struct ReadsOptions {
  Duration read_timeout = std::chrono::seconds(20);  // longest silence
  size_t max_element = 4u << 20;                     // a larger app is a bad app
  size_t max_body = 16u << 20;                       // of single answers; a snapshot has no limit
};

// Thread-safe: calls share nothing but the nodes.
class MarathonReads {
 public:
  explicit MarathonReads(std::shared_ptr<Nodes> nodes, ReadsOptions options = {});

  // All apps with their tasks, each visited on this thread as soon as it has
  // arrived: the body is never held whole. In what is visited `mark.leader` is
  // set, the rest of the mark and `read` are the caller's. After a failure some
  // may have been visited; they are true all the same.
  ReadResult Snapshot(const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit);

  // One app with its tasks, visited at most once.
  ReadResult App(const AppId& app, const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit);

  // An older version of an app's definition; NotFound once Marathon has forgotten it.
  absl::StatusOr<std::shared_ptr<const Definition>> Version(const AppId& app, const std::string& version,
                                                            const Cancel& cancel);

  absl::StatusOr<MarathonInfo> Info(const Cancel& cancel);
  // "host:port"; NotFound while there is none.
  absl::StatusOr<std::string> Leader(const Cancel& cancel);

 private:
  std::shared_ptr<Nodes> nodes_;
  const ReadsOptions options_;
};

}  // namespace dispatcher
