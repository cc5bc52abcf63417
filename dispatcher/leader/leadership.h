// The election at work: one thread asks the store what the election wants asked, one
// waits for the lock to change. Keeps a Permit up to date and tells who has to know.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/permit.h"
#include "dispatcher/leader/election.h"
#include "dispatcher/leader/holder.h"

namespace dispatcher {

struct LeaderReport {
  bool elected = false;          // there is an election; else this dispatcher always leads
  bool leads = true;             // it may write
  std::string state = "always";  // always, leading, standby, unfit, doubting, expired, cut-off, stopped
  std::optional<Holder> holder;  // of the lock, by the last word of the store; none: nobody, or not known
  bool known = false;            // the store has been heard at all
  std::optional<Duration> permit_left;
  Duration since{};       // how long it has been in that state
  uint64_t terms = 0;     // times that it won the right to write
  uint64_t failures = 0;  // calls of the store that failed
  std::string error;      // of the store, or of the configuration, as far as it concerns the lock
};

std::string_view Name(Election::State state);
// Of a dispatcher that may not write: "host-1, process 4711 leads", "nobody leads", and what
// stands in the way.
std::string WhoLeads(const LeaderReport& report);

class Leadership {
 public:
  struct Hooks {
    // The permission began, ended, or is of another term or scope: without any lock, from
    // the threads of this, one call at a time.
    std::function<void()> changed;
    // Before the lock is given back: returns when no write is in flight, or soon after.
    std::function<void()> quiesce;
    std::function<void(std::vector<std::string>)> notes;
  };

  // `clock` and `permit` outlive this; `permit` is written to by this alone.
  Leadership(ElectionPolicy policy, std::unique_ptr<LockStore> store, const Clock& clock, Permit& permit,
             Hooks hooks);
  ~Leadership();  // stops

  void Start(Holder self);
  // Any thread; as in Election.
  void SetFit(bool fit);
  void Refused(uint64_t term);
  // Takes the permit away, gives the lock back if it is held, and joins; within a second
  // or so even if the store is silent. Idempotent.
  void Stop();

  LeaderReport Report() const;

 private:
  void Keep();
  void Watch();
  // Sets the permit and tells about what is new. True: the mutex was let go of for that.
  bool Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ElectionPolicy policy_;
  const std::unique_ptr<LockStore> store_;
  const Clock& clock_;
  Permit& permit_;
  const Hooks hooks_;
  CancelSource cancel_;
  std::thread keeper_, watcher_;

  mutable Mutex mutex_;
  CondVar wake_;
  Holder self_ ABSL_GUARDED_BY(mutex_);
  Election election_ ABSL_GUARDED_BY(mutex_);
  std::optional<LockView> seen_ ABSL_GUARDED_BY(mutex_);
  Election::State state_ ABSL_GUARDED_BY(mutex_) = Election::State::kUnfit;
  Mono state_since_ ABSL_GUARDED_BY(mutex_);
  uint64_t failures_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool told_ ABSL_GUARDED_BY(mutex_) = true;  // the last change of the permission
};

}  // namespace dispatcher
