// Three dispatchers that are struck at random while tasks come and go: at any time one of them
// writes at most, and soon after each strike one does. Judged from outside: by proxies before
// the registries and by Consul (reign/record.h).
//
// DISPATCHER_CHAOS_SEED and DISPATCHER_CHAOS_SECONDS say which rounds, and for how long:
// tests/chaos.sh --dispatchers.
#include <algorithm>
#include <iomanip>
#include <iostream>
#include <map>
#include <optional>
#include <random>
#include <sstream>

#include "tests/e2e/frame/environment.h"
#include "tests/e2e/reign/arena.h"
#include "tests/e2e/reign/churn.h"
#include "tests/e2e/reign/strikes.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// From a leader to registries that are right: two complete reads, confirm_after, a moment
// without a change on its way.
constexpr seconds kConvergence(10);
// Registries that were out of reach are tried again after so long at most.
constexpr seconds kBackoff(30);

struct Planned {
  const Strike* strike = nullptr;  // null: Consul is killed, and comes back
  size_t who = 0;
  milliseconds after{}, lasting{};  // since the beginning of the round, since its own
  std::optional<Mono> begun, ended;
};

std::string NameOf(const Planned& planned) {
  return planned.strike == nullptr ? "Consul restarted" : planned.strike->name;
}

// The time without a leader, or without right registries.
struct Gap {
  std::string cause;
  const Planned* by = nullptr;
  Mono begun = {};
  Mono led_by = {}, right_by = {};
  std::optional<Duration> led = {}, right = {};
};

struct Tally {
  std::map<std::string, std::vector<double>> led, right;
  size_t rounds = 0, steps = 0, writes = 0, fenced = 0, seen_dead = 0, in_hand = 0, turns = 0;
  Duration latest = Duration::min();
};

class Round {
 public:
  Round(Arena& arena, uint32_t seed) : arena_(arena), seed_(seed) {
    // Neighbouring seeds would begin with neighbouring numbers.
    std::seed_seq sequence{seed};
    random_.seed(sequence);
    Plan();
  }

  // "" or what was not as it should be.
  std::string Run(Work& work, Tally& tally) {
    Churn churn(arena_.world(), work, seed_);
    begun_ = MonoClock::now();
    std::string wrong;
    WaitFor(
        [&] {
          wrong = Advance();
          return !wrong.empty() || (AllOver() && !gap_);
        },
        std::chrono::minutes(3));
    EndAll();
    tally.steps += static_cast<size_t>(churn.Stop());
    if (!wrong.empty()) {
      return wrong;
    }
    return AtRest(work, tally);
  }

  std::string Script() const {
    std::ostringstream text;
    text << std::fixed << std::setprecision(2) << "round " << seed_ << "\n";
    for (const Planned& planned : planned_) {
      text << "  after " << Seconds(planned.after) << " s: " << NameOf(planned) << ", ";
      if (planned.strike != nullptr) {
        text << "dispatcher " << planned.who << ", ";
      }
      text << "for " << Seconds(planned.lasting) << " s\n";
    }
    for (const Gap& gap : gaps_) {
      text << "  " << gap.cause << ": led after " << Seconds(gap.led.value_or(Duration{}))
           << " s, right after " << Seconds(gap.right.value_or(Duration{})) << " s\n";
    }
    return text.str() + rest_;
  }

  void Count(Tally& tally) const {
    for (const Gap& gap : gaps_) {
      tally.led[gap.cause].push_back(Seconds(*gap.led));
      tally.right[gap.cause].push_back(Seconds(*gap.right));
    }
  }

 private:
  milliseconds Between(milliseconds least, milliseconds most) {
    return milliseconds(std::uniform_int_distribution<int64_t>(least.count(), most.count())(random_));
  }

  // One strike, often two, on different dispatchers: the third is always well. `who` counts from
  // the one that leads at the beginning.
  void Plan() {
    const auto strike = [&](size_t who, milliseconds after) {
      const Strike& chosen = Strikes()[random_() % Strikes().size()];
      planned_.push_back(
          {&chosen, who, after, Between(chosen.shortest, chosen.longest), std::nullopt, std::nullopt});
    };
    const bool of_leader = random_() % 4 != 0;
    strike(of_leader ? 0 : 1, Between(milliseconds(0), seconds(1)));
    const size_t more = random_() % 8;
    if (more < 3) {
      strike(of_leader && more > 0 ? 1 : 2, Between(milliseconds(0), seconds(12)));
    } else if (more == 3) {
      planned_.push_back({nullptr, 0, Between(milliseconds(0), seconds(8)),
                          Between(milliseconds(0), seconds(3)), std::nullopt, std::nullopt});
    }
    const auto all = arena_.contenders().size();
    const size_t leader = arena_.Leader()->who();
    for (Planned& planned : planned_) {
      planned.who = (planned.who + leader) % all;
    }
  }

  bool ConsulIsThere() const {
    return std::none_of(planned_.begin(), planned_.end(), [](const Planned& planned) {
      return planned.strike == nullptr && planned.begun && !planned.ended;
    });
  }

  Contender& VictimOf(const Planned& planned) { return *arena_.contenders()[planned.who]; }

  bool AllOver() const {
    return std::all_of(planned_.begin(), planned_.end(),
                       [](const Planned& planned) { return planned.ended; });
  }

  void Begin(Planned& planned) {
    const bool led = planned.strike != nullptr && VictimOf(planned).Is("leading");
    planned.begun = MonoClock::now();
    if (planned.strike == nullptr) {
      arena_.consul().Kill();
    } else {
      planned.strike->begin(VictimOf(planned));
    }
    if (gap_ && !gap_->led && !led) {
      // Whoever would have led may be the victim: the time counts from now, and for twice the TTL.
      gap_->cause = kTwo;
      Postpone(*planned.begun + kSilence);
    } else if (led && !ConsulIsThere()) {
      OpenGap(planned, kSilence);  // it can't give the lock back
      gap_->cause = kTwo;
    } else if (led) {
      OpenGap(planned, planned.strike->led_within);
    } else if (planned.strike == nullptr && !gap_) {
      OpenGap(planned, planned.lasting + kSilence);
    }
  }

  void End(Planned& planned) {
    if (planned.strike == nullptr) {
      if (const absl::Status restarted = arena_.consul().Restart(); !restarted.ok()) {
        throw std::runtime_error("Consul: " + Text(restarted));
      }
      // Its sessions live for up to twice the TTL from then.
      planned.ended = MonoClock::now();
      if (gap_) {
        gap_->cause = gap_->cause == NameOf(planned) ? gap_->cause : kTwo;
        Postpone(*planned.ended + kSilence);
      }
      return;
    }
    planned.strike->end(VictimOf(planned));
    planned.ended = MonoClock::now();
    if (gap_) {
      gap_->right_by = std::max(gap_->right_by, *planned.ended + kConvergence + kBackoff);
    }
  }

  void OpenGap(const Planned& planned, Duration led_within) {
    gap_ = Gap{.cause = NameOf(planned), .by = &planned, .begun = *planned.begun};
    Postpone(*planned.begun + led_within);
  }

  void Postpone(Mono led_by) {
    gap_->led_by = std::max(gap_->led_by, led_by);
    gap_->right_by = std::max(gap_->right_by, led_by + kConvergence);
  }

  void EndAll() {
    for (Planned& planned : planned_) {
      if (planned.begun && !planned.ended) {
        End(planned);
      }
    }
  }

  std::string Advance() {
    for (Planned& planned : planned_) {
      const Mono now = MonoClock::now();
      if (!planned.begun && now >= begun_ + planned.after) {
        Begin(planned);
      } else if (planned.begun && !planned.ended && now >= *planned.begun + planned.lasting) {
        End(planned);
      }
    }
    return gap_ ? Watch() : "";
  }

  // Whether another leads, or the one that was struck and is well again, and Consul is there.
  bool Led() const {
    return std::any_of(arena_.contenders().begin(), arena_.contenders().end(), [&](const auto& contender) {
      const bool struck = std::any_of(planned_.begin(), planned_.end(), [&](const Planned& planned) {
        return planned.strike != nullptr && !planned.strike->leads_on && planned.who == contender->who() &&
               planned.begun && !planned.ended;
      });
      return !struck && ConsulIsThere() && contender->Is("leading");
    });
  }

  std::string Watch() {
    if (!gap_->led && Led()) {
      gap_->led = MonoClock::now() - gap_->begun;
    }
    std::string differs = "nobody leads";
    // Of one who leads on it is asked how soon all is right when it can be.
    const bool leads_on = gap_->by->strike != nullptr && gap_->by->strike->leads_on;
    const bool can_be = !leads_on || gap_->by->ended;
    if (gap_->led && can_be) {
      differs = arena_.DiffersNow();
      if (differs.empty()) {
        gap_->right = MonoClock::now() - (leads_on ? *gap_->by->ended : gap_->begun);
        gaps_.push_back(*std::exchange(gap_, std::nullopt));
        return "";
      }
    }
    const Mono now = MonoClock::now();
    const auto since = [&] { return std::to_string(Seconds(now - gap_->begun)) + " s after " + gap_->cause; };
    if (!gap_->led && now > gap_->led_by) {
      return "nobody leads " + since();
    }
    return can_be && now > gap_->right_by ? "the registries are not right " + since() + ": " + differs : "";
  }

  std::string AtRest(Work& work, Tally& tally) {
    const Mono begun = MonoClock::now();
    if (!WaitFor([&] { return arena_.InOrder(); }, kSilence + kConvergence)) {
      return "there are not one leader, who holds the lock, and two standbys";
    }
    arena_.marathon().WaitDeployed(seconds(45));
    const std::string differs = arena_.Differs(work.Apps(), kConvergence + kBackoff);
    if (!differs.empty()) {
      return differs;
    }
    if (!WaitFor([&] { return arena_.Pending() == 0; }, kConvergence)) {
      return "a write is still on its way";
    }
    const Seen seen = arena_.record().Take();
    const Judgement judgement = Judge(seen, {.ttl = kReignTtl, .margin = kMargin});
    std::string wrong;
    for (const std::string& one : judgement.wrong) {
      wrong += one + "\n";
    }
    for (const Write& removal : judgement.removals) {
      for (const SimTask& task : arena_.marathon().Tasks()) {
        if (removal.text.find(task.task) != std::string::npos) {
          wrong += "dispatcher " + std::to_string(removal.who) +
                   " was cut off from the lock and removed a task that lives: " + removal.text + "\n";
        }
      }
    }
    std::ostringstream text;
    text << std::fixed << std::setprecision(2) << "  at rest after " << Seconds(MonoClock::now() - begun)
         << " s; " << judgement.writes << " writes, " << judgement.fenced << " refused by the fence, "
         << judgement.seen_dead << " of tasks seen dead, " << judgement.in_hand << " in hand\n";
    if (judgement.latest > Duration::zero()) {
      text << "  " << Seconds(judgement.latest) << " s after its permit's end began: " << judgement.latest_is
           << "\n";
    }
    rest_ = text.str();
    ++tally.rounds;
    tally.writes += judgement.writes;
    tally.fenced += judgement.fenced;
    tally.seen_dead += judgement.seen_dead;
    tally.in_hand += judgement.in_hand;
    tally.turns += judgement.turns;
    tally.latest = std::max(tally.latest, judgement.latest);
    return wrong;
  }

  // What the permit ends before the TTL does: dispatcher/leader/README.md.
  static constexpr milliseconds kMargin = seconds(1) + milliseconds(kReignTtl) / 20;
  // Until another can lead than one who is silent: twice the TTL, LockDelay, 2 s to notice.
  static constexpr seconds kSilence = 2 * kReignTtl + seconds(3);

  // What befell the one and the other is not told apart.
  static constexpr const char* kTwo = "two at once";

  Arena& arena_;
  const uint32_t seed_;
  std::mt19937 random_;
  Mono begun_;
  std::vector<Planned> planned_;
  std::optional<Gap> gap_;
  std::vector<Gap> gaps_;
  std::string rest_;
};

void Print(const Tally& tally) {
  const auto line = [](const std::string& cause, std::vector<double> led, std::vector<double> right) {
    std::sort(led.begin(), led.end());
    std::sort(right.begin(), right.end());
    std::cout << "  figure: " << std::left << std::setw(32) << cause << std::right << std::setw(5)
              << led.size() << " times; led after " << led[led.size() / 2] << " s, at most " << led.back()
              << " s; right after " << right[right.size() / 2] << " s, at most " << right.back() << " s\n";
  };
  std::cout << std::fixed << std::setprecision(2);
  for (const auto& [cause, led] : tally.led) {
    line(cause, led, tally.right.at(cause));
  }
  std::cout << "  figure: " << tally.rounds << " rounds, " << tally.steps << " steps of work, "
            << tally.writes << " writes, " << tally.fenced << " refused by the fence, " << tally.seen_dead
            << " removals of tasks seen dead, " << tally.in_hand << " in hand over a standstill, "
            << tally.turns << " changes of the writer; the last write began " << Seconds(tally.latest)
            << " s after its permit's end\n";
}

TEST_CASE("three dispatchers are struck at random: one writes at a time, and one always does soon",
          "[.reign]") {
  const int64_t fixed = FromEnvironment("DISPATCHER_CHAOS_SEED", -1);
  const seconds length(FromEnvironment("DISPATCHER_CHAOS_SECONDS", 60));
  uint32_t seed = fixed >= 0 ? static_cast<uint32_t>(fixed) : std::random_device()();
  Arena arena(kReignTtl);
  Work work(arena.world());
  REQUIRE(WaitFor([&] { return arena.InOrder(); }, seconds(30)));
  Tally tally;
  const Mono end = MonoClock::now() + length;
  do {
    Round round(arena, seed++);
    std::string wrong;
    try {
      wrong = round.Run(work, tally);
    } catch (const std::runtime_error& error) {
      wrong = error.what();
    }
    INFO(round.Script());
    if (!wrong.empty()) {
      Print(tally);
    }
    REQUIRE(wrong == "");
    round.Count(tally);
    std::cout << round.Script() << std::flush;
  } while (MonoClock::now() < end);
  Print(tally);
}

}  // namespace
}  // namespace dispatcher::testing
