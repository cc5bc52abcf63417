#include "dispatcher/leader/leadership.h"

#include <algorithm>
#include <utility>

#include "dispatcher/base/pause.h"

namespace dispatcher {
namespace {

// Of one call while all is well; and while it stops, when the TTL does the rest.
constexpr Duration kPatience = std::chrono::seconds(5);
constexpr Duration kLastPatience = std::chrono::milliseconds(400);
// A watch of the lock is asked anew so often.
constexpr Duration kWatch = std::chrono::seconds(8);

}  // namespace

std::string_view Name(Election::State state) {
  switch (state) {
    case Election::State::kUnfit:
      return "unfit";
    case Election::State::kStandby:
      return "standby";
    case Election::State::kLeading:
      return "leading";
    case Election::State::kDoubting:
      return "doubting";
    case Election::State::kExpired:
      return "expired";
    case Election::State::kCutOff:
      return "cut-off";
    case Election::State::kStopped:
      return "stopped";
  }
  return "";
}

std::string WhoLeads(const LeaderReport& report) {
  std::string text = report.holder  ? TextOf(*report.holder) + " leads"
                     : report.known ? "nobody leads"
                                    : "who leads is not known";
  if (report.state == "unfit" && !report.holder) {
    text += ", and this one may not ask for it before it has a live stream and a complete snapshot";
  }
  return report.error.empty() ? text : text + "; " + report.error;
}

Leadership::Leadership(ElectionPolicy policy, std::unique_ptr<LockStore> store, const Clock& clock,
                       Permit& permit, Hooks hooks)
    : policy_(policy),
      store_(std::move(store)),
      clock_(clock),
      permit_(permit),
      hooks_(std::move(hooks)),
      election_(policy),
      state_since_(clock.Now()) {}

Leadership::~Leadership() { Stop(); }

void Leadership::Start(Holder self) {
  {
    MutexLock lock(mutex_);
    self_ = std::move(self);
  }
  keeper_ = std::thread([this] { Keep(); });
  watcher_ = std::thread([this] { Watch(); });
}

void Leadership::SetFit(bool fit) {
  MutexLock lock(mutex_);
  election_.SetFit(fit, clock_.Now());
  wake_.NotifyAll();
}

void Leadership::Refused(uint64_t term) {
  MutexLock lock(mutex_);
  election_.Refused(term, clock_.Now());
  told_ = !permit_.Set(election_.permission()) && told_;
  wake_.NotifyAll();
}

void Leadership::Stop() {
  {
    MutexLock lock(mutex_);
    if (!std::exchange(stopping_, true)) {
      election_.Stop(clock_.Now());
      told_ = !permit_.Set(election_.permission()) && told_;
    }
    wake_.NotifyAll();
  }
  cancel_.request_stop();
  for (std::thread* const thread : {&keeper_, &watcher_}) {
    if (thread->joinable()) {
      thread->join();
    }
  }
}

bool Leadership::Publish() {
  told_ = !permit_.Set(election_.permission()) && told_;
  if (const Election::State now = election_.state(clock_.Now()); now != state_) {
    state_ = now;
    state_since_ = clock_.Now();
  }
  std::vector<std::string> notes = election_.TakeNotes();
  const bool tell = !std::exchange(told_, true);
  if (notes.empty() && !tell) {
    return false;
  }
  mutex_.unlock();
  if (tell && hooks_.changed) {
    hooks_.changed();
  }
  if (!notes.empty() && hooks_.notes) {
    hooks_.notes(std::move(notes));
  }
  mutex_.lock();
  return true;
}

void Leadership::Keep() {
  mutex_.lock();
  while (!election_.over()) {
    std::optional<LockAsk> ask = election_.Next(clock_.Now());
    const bool let_go = Publish();
    if (!ask) {
      if (let_go || election_.over()) {
        continue;  // something may have come meanwhile
      }
      if (const std::optional<Mono> due = election_.NextDeadline()) {
        wake_.WaitUntil(mutex_, *due);
      } else {
        wake_.Wait(mutex_);
      }
      continue;
    }
    ask->value = ToJson(self_);
    const bool last = stopping_;
    mutex_.unlock();
    if (ask->what == LockAsk::What::kRelease && hooks_.quiesce) {
      hooks_.quiesce();
    }
    const Mono begun = clock_.Now();
    const LockAnswer answer = store_->Do(*ask, last ? kLastPatience : std::min(kPatience, policy_.ttl / 3),
                                         last ? Cancel() : cancel_.get_token());
    const Mono now = clock_.Now();
    mutex_.lock();
    failures_ += answer.code >= LockAnswer::Code::kSilent ? 1 : 0;
    election_.Answered(*ask, answer, begun, now);
    Publish();
  }
  Publish();
  mutex_.unlock();
}

void Leadership::Watch() {
  const Cancel cancel = cancel_.get_token();
  Backoff backoff(policy_.retry, policy_.seed);
  uint64_t index = 0;
  while (!cancel.stop_requested()) {
    const LockAnswer answer = store_->Watch(index, kWatch, cancel);
    if (answer.code != LockAnswer::Code::kDone) {
      index = 0;
      Pause(backoff.Next(), cancel);
      continue;
    }
    if (answer.view.index == 0) {
      Pause(backoff.Next(), cancel);  // no store that can be waited for
    } else {
      backoff.Reset();
    }
    // An index that goes back is another store's, or that of one which lost its data.
    index = answer.view.index < index ? 0 : answer.view.index;
    MutexLock lock(mutex_);
    seen_ = answer.view;
    election_.Seen(answer.view, clock_.Now());
    told_ = !permit_.Set(election_.permission()) && told_;
    wake_.NotifyAll();
  }
}

LeaderReport Leadership::Report() const {
  const Mono now = clock_.Now();
  LeaderReport report;
  report.elected = true;
  MutexLock lock(mutex_);
  const Election::State state = election_.state(now);
  report.state = Name(state);
  report.since = now - std::min(state_since_, now);
  report.terms = election_.terms();
  report.failures = failures_;
  report.error = election_.error();
  const std::optional<Permission> may = permit_.Ask();
  report.leads = may.has_value() && may->scope == WriteScope::kAll;
  if (report.leads) {
    report.permit_left = may->until - now;
    report.holder = self_;
  } else if (seen_ && !seen_->session.empty()) {
    report.holder = HolderOf(seen_->value);
    if (!report.holder->owner.empty() && report.holder->owner != self_.owner) {
      report.error = "the lock is that of owner \"" + report.holder->owner + "\", not of \"" + self_.owner +
                     "\": set leader.key to another key for one of the two";
    }
  }
  report.known = seen_.has_value();
  return report;
}

}  // namespace dispatcher
