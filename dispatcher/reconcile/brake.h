// Removals that nothing explains, and whether they may go. Knows entries by
// number only; what is a candidate is the plan's business.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "dispatcher/reconcile/reconciler.h"
#include "dispatcher/reconcile/table.h"

namespace dispatcher::reconcile {

// A complete snapshot of Marathon that was believed, and when.
struct Pass {
  uint64_t number = 0;
  Mono begun{};
  bool empty = false;
};

class Brake {
 public:
  enum class State : uint8_t {
    kUnconfirmed,  // seen absent `passes` times
    kOverLimit,    // confirmed, but too many went in this window
    kOtherFramework,
    kSeenByRead,  // explained by a complete read: goes
    kLetGo,       // confirmed and within the limit: goes
    kReleased,    // by an operator: goes
  };
  struct Verdict {
    State state = State::kUnconfirmed;
    int passes = 0;
    Mono first{};  // begin of the first pass that saw it absent
    uint64_t last_pass = 0;
    bool empty = false;  // the last pass was an empty answer
  };
  // What is counted: one task of one service; its structure counts as one.
  using Item = std::pair<ServiceId, std::string>;
  // How many items there are, those let go in this window included.
  struct Totals {
    size_t adapter = 0;
    size_t service = 0;
  };

  explicit Brake(BrakePolicy policy) : policy_(policy) {}

  const Verdict* Find(SlotId slot) const;
  static bool IsHeld(State state) {
    return state == State::kUnconfirmed || state == State::kOverLimit || state == State::kOtherFramework;
  }
  bool MayGo(SlotId slot) const;
  void Forget(SlotId slot) { verdicts_.erase(slot); }
  bool idle() const { return verdicts_.empty(); }

  // Holds it without evidence from a pass. A verdict that stands is kept, but for
  // one: what belongs to another framework goes by release alone.
  // True if it is held only since now.
  bool Hold(SlotId slot, State state);
  void SeenByRead(SlotId slot);
  // A full pass found it absent. True: that is the confirmation, ask LetGo.
  bool Suspect(SlotId slot, const Pass& pass);
  // Decides over one that is confirmed. Call Expire first.
  bool LetGo(SlotId slot, const Item& item, Totals totals, Mono now);
  // Forgets what was let go longer ago than the window.
  void Expire(Mono now);
  // What was let go within the window.
  bool Counted(const Item& item) const { return counts_.contains(item); }
  size_t Counted() const { return window_.size(); }
  size_t CountedOf(ServiceId service) const;
  // An empty answer takes back what had been let go and is not yet written.
  template <typename InFlight>
  void Doubt(InFlight in_flight) {
    for (auto& [slot, verdict] : verdicts_) {
      if (verdict.state == State::kLetGo && !in_flight(slot)) {
        verdict.state = State::kUnconfirmed;
        verdict.empty = true;
      }
    }
  }

  // Lets one that is held go. False: it was not.
  bool Release(SlotId slot);

  // Why it waits, for people; "" if it does not.
  std::string Reason(const Verdict& verdict, Mono now) const;
  // By what leave it goes, behind a reason: ", released by an operator"; "" if it needs none.
  static std::string_view Leave(const Verdict& verdict);
  // What it waits for.
  static HeldFor CauseOf(const Verdict& verdict);
  bool HoldsAny() const;
  template <typename Visit>
  void ForEachHeld(Visit visit) const {
    for (const auto& [slot, verdict] : verdicts_) {
      if (IsHeld(verdict.state)) {
        visit(slot, verdict);
      }
    }
  }

 private:
  size_t Limit(size_t total) const;

  BrakePolicy policy_;
  absl::flat_hash_map<SlotId, Verdict> verdicts_;
  std::deque<std::pair<Mono, Item>> window_;
  absl::flat_hash_map<Item, int> counts_;
  absl::flat_hash_map<ServiceId, size_t> by_service_;
};

}  // namespace dispatcher::reconcile
