// Carries out what the ReadScheduler decides, on as many threads as reads may be
// in flight, and puts what comes back into the inbox, each with its ReadMark.
#pragma once

#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/log.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/engine/histogram.h"
#include "dispatcher/engine/host_resolver.h"
#include "dispatcher/engine/inbox.h"
#include "dispatcher/engine/read_scheduler.h"
#include "dispatcher/engine/report.h"
#include "dispatcher/marathon/client/reads.h"

namespace dispatcher {

class ReadRunner {
 public:
  // `inbox` and `clock` outlive this.
  ReadRunner(MarathonReads reads, ReadPolicy policy, Inbox& inbox, const Clock& clock);
  ~ReadRunner();  // stops

  void Start();
  // Breaks reads off and joins. Nothing is put into the inbox afterwards.
  void Stop();

  // A new stream is proven: breaks off what was begun before it. `wanted` joins
  // what is due then anyway.
  void Attached(const std::vector<ReadWanted>& wanted);
  void Detached();
  // Whoever may not write looks a fifth as often, from the next resync on.
  void SetStandby(bool standby);
  void Want(const std::vector<ReadWanted>& wanted);

  ReadsReport Report() const;
  std::string MarathonVersion() const;

 private:
  // What a read left behind, for scheduler and report.
  struct Outcome {
    absl::Status status;
    int apps = 0;
    std::vector<AppId> bad_apps;
    std::string marathon_version;
  };

  void Run();
  void Queue(const std::vector<ReadWanted>& wanted) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Outcome Carry(const ReadJob& job, uint64_t number, ReadMark mark, const Cancel& cancel);
  Outcome CarryApps(const ReadJob& job, uint64_t number, ReadMark mark, const Cancel& cancel);
  void Tell(const ReadJob& job, const absl::Status& status);
  void Count(const ReadJob& job, const Outcome& outcome, Duration took, Mono now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  MarathonReads reads_;
  const size_t parallelism_;
  Inbox& inbox_;
  const Clock& clock_;
  HostResolver resolver_;
  std::vector<std::thread> threads_;

  mutable Mutex mutex_;
  CondVar wake_;
  ReadScheduler scheduler_ ABSL_GUARDED_BY(mutex_);
  CancelSource round_ ABSL_GUARDED_BY(mutex_);  // of the reads since the last attach
  ReadsReport report_ ABSL_GUARDED_BY(mutex_);  // its histograms are filled in from seconds_
  std::map<ReadWanted::What, Histogram> seconds_ ABSL_GUARDED_BY(mutex_);
  std::optional<Mono> last_snapshot_ ABSL_GUARDED_BY(mutex_);
  std::string marathon_version_ ABSL_GUARDED_BY(mutex_);
  uint64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  Mutex log_mutex_;  // apart: writing to the log may take its time
  FailureLog log_ ABSL_GUARDED_BY(log_mutex_){"reading Marathon"};
};

}  // namespace dispatcher
