#include "tests/e2e/reign/record.h"

#include <algorithm>
#include <map>
#include <utility>

namespace dispatcher::testing {
namespace {

using What = LockCall::What;

// From being told that one has the lock until it is given back, at the latest.
struct Reign {
  size_t who = 0;
  std::string session;
  Mono told;
  Mono over = Mono::max();
};

std::vector<Reign> ReignsOf(const std::vector<LockCall>& calls) {
  std::vector<Reign> reigns;
  for (const LockCall& call : calls) {
    if (call.what == What::kAcquire && call.granted) {
      reigns.push_back({call.who, call.session, call.ended});
    }
  }
  for (Reign& reign : reigns) {
    for (const LockCall& call : calls) {
      const bool ends = (call.what == What::kRelease && call.session == reign.session) ||
                        (call.what == What::kStart && call.who == reign.who);
      if (ends && call.begun >= reign.told) {
        reign.over = std::min(reign.over, call.begun);
      }
    }
  }
  std::sort(reigns.begin(), reigns.end(), [](const Reign& a, const Reign& b) { return a.told < b.told; });
  return reigns;
}

std::string Text(Duration duration) { return std::to_string(Seconds(duration)) + " s"; }

std::string NameOf(What what) {
  switch (what) {
    case What::kSession:
      return "session";
    case What::kAcquire:
      return "acquire";
    case What::kRelease:
      return "release";
    case What::kLook:
      return "look";
    case What::kStart:
      return "start";
  }
  return "";
}

std::string NameOf(const Write& write) {
  return "dispatcher " + std::to_string(write.who) + ", " + write.registry + ", " + write.text;
}

class Court {
 public:
  Court(const Seen& seen, const JudgePolicy& policy)
      : seen_(seen), policy_(policy), reigns_(ReignsOf(seen.lock)), writes_(seen.writes) {
    std::sort(writes_.begin(), writes_.end(),
              [](const Write& a, const Write& b) { return a.begun < b.begun; });
  }

  Judgement Run() {
    for (const Write& write : writes_) {
      ++judgement_.writes;
      Weigh(write);
    }
    return std::move(judgement_);
  }

 private:
  void Weigh(const Write& write) {
    if (write.answer == Write::Answer::kFenced) {
      ++judgement_.fenced;
      return;
    }
    const Reign* const own = OwnReign(write);
    if (own == nullptr) {
      return Wrong(write, "its writer was never told that it has the lock");
    }
    const Reign* const next = NextReign(*own);
    if (write.session && write.answer == Write::Answer::kDone && next != nullptr &&
        write.passed >= next->told) {
      return Wrong(write, "its fence let it through " + Text(write.passed - next->told) +
                              " after another had been told that it has the lock");
    }
    const Mono end = PermitEnd(*own, write.begun);
    const bool superseded = next != nullptr && write.begun >= next->told;
    const bool of_the_dead =
        (write.begun > end || superseded) && write.removes && IsCutOff(*own, write.begun);
    if (write.begun <= end + policy_.transit && !superseded && !of_the_dead) {
      if (write.begun - end > judgement_.latest) {
        judgement_.latest = write.begun - end;
        judgement_.latest_is = NameOf(write);
      }
      return TakeTurn(write);
    }
    if (WasInHand(write, end)) {
      ++judgement_.in_hand;
    } else if (of_the_dead) {
      ++judgement_.seen_dead;
      judgement_.removals.push_back(write);
    } else {
      Wrong(write, "it began " + Text(write.begun - end) + " after its writer's permit had ended" +
                       (superseded ? ", and another had been told that it has the lock" : ""));
    }
  }

  const Reign* OwnReign(const Write& write) const {
    const Reign* own = nullptr;
    for (const Reign& reign : reigns_) {
      if (reign.who == write.who && reign.told <= write.begun &&
          (!write.session || *write.session == reign.session)) {
        own = &reign;
      }
    }
    return own;
  }

  const Reign* NextReign(const Reign& own) const {
    const auto next = std::find_if(reigns_.begin(), reigns_.end(), [&](const Reign& reign) {
      return reign.who != own.who && reign.told > own.told;
    });
    return next == reigns_.end() ? nullptr : &*next;
  }

  Mono LastRenewal(const Reign& reign, Mono now) const {
    Mono last = Mono::min();
    for (const LockCall& call : seen_.lock) {
      if (call.what == What::kSession && call.session == reign.session && call.granted && call.ended <= now) {
        last = std::max(last, call.begun);
      }
    }
    return last;
  }

  Mono PermitEnd(const Reign& reign, Mono now) const {
    return std::min(reign.over, LastRenewal(reign, now) + policy_.ttl - policy_.margin);
  }

  bool WasInHand(const Write& write, Mono end) {
    for (size_t i = 0; i < seen_.standstills.size(); ++i) {
      const Standstill& still = seen_.standstills[i];
      if (still.who == write.who && still.from <= end + policy_.transit && still.to >= end &&
          write.begun >= still.to && write.begun <= still.to + policy_.in_hand) {
        return ++hands_[{i, write.registry}] <= policy_.hands;
      }
    }
    return false;
  }

  // It asked for more time, or who has the lock, after it had been given some for the last time.
  bool IsCutOff(const Reign& reign, Mono now) const {
    const Mono last = LastRenewal(reign, now);
    return std::any_of(seen_.lock.begin(), seen_.lock.end(), [&](const LockCall& call) {
      const bool asks = (call.what == What::kSession && call.session == reign.session) ||
                        (call.what == What::kLook && call.who == reign.who);
      return asks && !call.granted && call.begun > last && call.begun <= now;
    });
  }

  void TakeTurn(const Write& write) {
    if (write.answer != Write::Answer::kDone) {
      return;
    }
    if (before_ != nullptr && before_->who != write.who) {
      ++judgement_.turns;
      const bool told = std::any_of(reigns_.begin(), reigns_.end(), [&](const Reign& reign) {
        return reign.who == write.who && reign.told > before_->begun && reign.told <= write.begun;
      });
      if (!told) {
        Wrong(write, "it stands between writes of another");
      }
    }
    before_ = &write;
  }

  void Wrong(const Write& write, const std::string& why) {
    judgement_.wrong.push_back(NameOf(write) + ": " + why + "; of the lock it knew" + KnownTo(write));
  }

  // The last of what the writer had asked about the lock, and how long before.
  std::string KnownTo(const Write& write) const {
    constexpr size_t kept = 6;
    std::vector<std::string> known;
    for (const LockCall& call : seen_.lock) {
      if (call.who == write.who && call.begun <= write.begun) {
        known.push_back(std::string(" ") + NameOf(call.what) + " of " + call.session + " " +
                        Text(write.begun - call.begun) + " ago" +
                        (call.ended > write.begun ? " not yet answered"
                         : call.granted           ? " granted"
                                                  : " refused or not heard"));
      }
    }
    std::string text;
    for (size_t i = known.size() - std::min(known.size(), kept); i < known.size(); ++i) {
      text += (text.empty() ? "" : ",") + known[i];
    }
    return text.empty() ? " nothing" : text;
  }

  const Seen& seen_;
  const JudgePolicy& policy_;
  const std::vector<Reign> reigns_;  // by `told`
  std::vector<Write> writes_;        // by `begun`
  const Write* before_ = nullptr;    // the last one within a permit
  std::map<std::pair<size_t, std::string>, size_t> hands_;
  Judgement judgement_;
};

}  // namespace

size_t Record::Asked(LockCall call) {
  MutexLock lock(mutex_);
  seen_.lock.push_back(std::move(call));
  return seen_.lock.size() - 1;
}

void Record::Answered(size_t call, std::string session, Mono now, bool granted) {
  MutexLock lock(mutex_);
  seen_.lock[call].session = std::move(session);
  seen_.lock[call].ended = now;
  seen_.lock[call].granted = granted;
}

void Record::Wrote(Write write) {
  MutexLock lock(mutex_);
  seen_.writes.push_back(std::move(write));
}

void Record::StoodStill(Standstill standstill) {
  MutexLock lock(mutex_);
  seen_.standstills.push_back(standstill);
}

std::string Record::LastWonBy(size_t who) {
  MutexLock lock(mutex_);
  std::string session;
  for (const LockCall& call : seen_.lock) {
    if (call.who == who && call.what == What::kAcquire && call.granted) {
      session = call.session;
    }
  }
  return session;
}

Seen Record::Take() {
  MutexLock lock(mutex_);
  Seen seen = seen_;
  seen_.writes.clear();
  return seen;
}

Judgement Judge(const Seen& seen, const JudgePolicy& policy) { return Court(seen, policy).Run(); }

}  // namespace dispatcher::testing
