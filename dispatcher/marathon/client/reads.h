// Reads of Marathon's REST API, decoded.
//
// Every call asks the stream's node first and then the configured ones, until one
// answers with anything but a 5xx, a 401/403 or an unusable answer. A 401 makes
// the secret be read again, once. An answer that is not JSON by its content type
// (a login page) is an error. Nothing is retried later: that is the scheduler's.
//
// Apps and pods (/v2/pods, Marathon 1.4+) are two questions and one answer here: a
// snapshot is complete only with both, and what was answered by two leaders is
// said to come from "A and B", which is nobody's name. Whether there are pods to
// ask for is what Info told last; before that a 404 or 405 means that there are
// none, afterwards it is somebody's who stands before Marathon, and an error.
#pragma once

#include <atomic>
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
  std::string leader;  // "" if nobody answered; "A and B" if two did
  int apps = 0;        // elements, decoded or not, apps and pods
  // Not decoded; "" where not even the id could be, or for all beyond the first thousand.
  std::vector<AppId> bad_apps;
  std::vector<std::string> bad_why;  // of each, naming the field, never its value
};

struct ReadsOptions {
  Duration read_timeout = std::chrono::seconds(20);  // longest silence
  size_t max_element = 4u << 20;                     // a larger app is a bad app
  size_t max_body = 16u << 20;                       // of single answers
  // Several times what the largest Marathons known answer. Beyond, a snapshot fails:
  // nothing is decided by it.
  size_t max_snapshot = 256u << 20;
  int max_apps = 200'000;
  size_t max_tasks = 200'000;  // of all apps and pods of a snapshot
  // From the first byte to the last, for who trickles.
  Duration answer_timeout = std::chrono::seconds(60);
  Duration snapshot_timeout = std::chrono::minutes(5);
};

// Thread-safe: calls share nothing but the nodes, and what Info told.
class MarathonReads {
 public:
  explicit MarathonReads(std::shared_ptr<Nodes> nodes, ReadsOptions options = {});

  // All apps and then all pods with their tasks, each visited on this thread as soon as it has
  // arrived: the body is never held whole. In what is visited `mark.leader` is
  // set, the rest of the mark and `read` are the caller's. After a failure some
  // may have been visited; they are true all the same.
  ReadResult Snapshot(const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit);

  // What an id may stand for is asked for in this order; NotFound if it is neither.
  enum class Kind : uint8_t { kAppFirst, kPodFirst };
  // One app or pod with its tasks, visited at most once.
  ReadResult App(const AppId& app, Kind kind, const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit);

  // An older version of its definition; NotFound once Marathon has forgotten it.
  absl::StatusOr<std::shared_ptr<const Definition>> Version(const AppId& app, Kind kind,
                                                            const std::string& version, const Cancel& cancel);

  absl::StatusOr<MarathonInfo> Info(const Cancel& cancel);
  // "host:port"; NotFound while there is none.
  absl::StatusOr<std::string> Leader(const Cancel& cancel);

 private:
  enum class Pods : uint8_t { kUnknown, kNone, kSome };

  ReadResult OneApp(const AppId& app, const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit);
  ReadResult OnePod(const AppId& pod, const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit);
  void AllPods(const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit, ReadResult& result);

  std::shared_ptr<Nodes> nodes_;
  const ReadsOptions options_;
  std::shared_ptr<std::atomic<Pods>> pods_ = std::make_shared<std::atomic<Pods>>(Pods::kUnknown);
};

}  // namespace dispatcher
