// Static services at work: asks what they want to know, and offers what they become.
// Threads of its own, so that a target that does not answer delays nothing else;
// none at all if there is nothing to ask.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "dispatcher/base/cancel.h"
#include "dispatcher/base/log.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/engine/adapter_runner.h"
#include "dispatcher/marathon/client/reads.h"
#include "dispatcher/net/client.h"
#include "dispatcher/statics/static_service.h"

namespace dispatcher {

class StaticRunner {
 public:
  using Offer = std::function<void(const BuiltService&)>;

  // `clock` outlives this. `offer` gets each service when it is new or has changed,
  // never two at once and never an older one after a newer.
  StaticRunner(std::vector<StaticSpec> specs, std::shared_ptr<Nodes> marathon, const Clock& clock,
               Offer offer);
  ~StaticRunner();  // stops

  // Offers all there is, then begins to ask.
  void Start();
  // Breaks off what is being asked and joins. Idempotent.
  void Stop();

  std::vector<std::shared_ptr<const Service>> Services() const;
  // Questions that are due or being asked. 0: what could be known is known and offered.
  size_t Unanswered() const;

 private:
  struct Job {
    size_t service = 0;
    StaticQuestion question;
  };

  void Run();
  std::optional<Job> Next(Mono now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Answer(const Job& job);
  absl::StatusOr<std::string> Leader(const StaticSpec& spec);
  absl::StatusOr<std::string> MesosLeader(const std::vector<std::string>& masters);
  absl::StatusOr<HttpResponse> Get(const std::string& target, const std::string& path);

  const std::vector<StaticSpec> specs_;
  MarathonReads reads_;
  const Clock& clock_;
  const Offer offer_;
  CancelSource cancel_;
  std::vector<std::thread> threads_;

  Mutex offer_mutex_;  // before mutex_: services are offered in the order in which they are built

  mutable Mutex mutex_;
  CondVar wake_;
  std::vector<StaticService> services_ ABSL_GUARDED_BY(mutex_);
  std::vector<Job> jobs_ ABSL_GUARDED_BY(mutex_);  // asked for and not taken up
  std::map<std::string, std::shared_ptr<HttpClient>> clients_ ABSL_GUARDED_BY(mutex_);
  size_t asking_ ABSL_GUARDED_BY(mutex_) = 0;  // taken up
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace dispatcher
