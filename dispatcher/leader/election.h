// Who may write, decided: a pure state machine between a lock store and a permit.
//
// Holding the lock is believed for as long as its session can't have ended: from the
// moment at which the last renewal *was sent* for a TTL, less a margin. A renewal
// counts once a look at the lock, sent after it, has shown that it is still ours: a
// session outlives the deletion of its lock.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/backoff.h"
#include "dispatcher/base/permit.h"
#include "dispatcher/leader/lock_store.h"

namespace dispatcher {

struct ElectionPolicy {
  Duration ttl = std::chrono::seconds(20);
  // What the permit ends before the TTL does: a write that was allowed may take a second
  // to connect, and two machines' clocks do not run at quite the same speed.
  Duration margin = std::chrono::seconds(2);
  Duration unfit_for = std::chrono::seconds(30);      // then the lock is given up
  Duration delayed = std::chrono::milliseconds(100);  // between two tries for a lock that is free but delayed
  Duration denied = std::chrono::seconds(5);          // between two tries of what was denied or refused
  BackoffPolicy retry{std::chrono::milliseconds(250), std::chrono::seconds(2), 2.0};
  uint64_t seed = 0;
};

// TTL and, derived from it, margin.
ElectionPolicy ElectionPolicyOf(Duration ttl);

class Election {
 public:
  enum class State : uint8_t {
    kUnfit,    // asks for nothing: no live stream, or no complete snapshot
    kStandby,  // another holds the lock, or nobody knows
    kLeading,
    kDoubting,  // holds the lock by the last word; another word says otherwise, and it is being asked
    kExpired,   // held the lock when last heard of; the permit has run out, and the store has not said why
    kCutOff,    // the same, and the store is known not to answer: WriteScope::kSeenDead
    kStopped,
  };

  explicit Election(ElectionPolicy policy);

  // All calls in the order of their `now`.
  //
  // Whether this dispatcher knows what it would write.
  void SetFit(bool fit, Mono now);
  // Gives all up, for good.
  void Stop(Mono now);
  // A registry says that the lock is not held by the session of that term.
  void Refused(uint64_t term, Mono now);
  // What a watch of the lock showed; it may be older than what was answered since.
  void Seen(const LockView& view, Mono now);

  // What to ask the store now, one at a time: Answered must follow before the next.
  std::optional<LockAsk> Next(Mono now);
  void Answered(const LockAsk& ask, const LockAnswer& answer, Mono begun, Mono now);
  // When Next, or what is shown, changes by time alone.
  std::optional<Mono> NextDeadline() const;

  // As of now; time takes it away at `until` by itself.
  std::optional<Permission> permission() const;
  State state(Mono now) const;
  uint64_t terms() const { return term_; }
  // What the store said last if that was a failure, else "".
  const std::string& error() const { return error_; }
  bool over() const { return stopping_ && !asking_ && !held_ && session_.empty(); }
  // What happened since the last call, each a sentence without a full stop.
  std::vector<std::string> TakeNotes();

 private:
  using What = LockAsk::What;
  using Code = LockAnswer::Code;

  bool GivingUp(Mono now) const;
  bool MayAcquire() const;
  Mono End() const { return renewed_ + policy_.ttl - policy_.margin; }
  void Win(Mono now);
  void Confirm(Mono now);
  void Lose(std::string_view why);
  void Failed(const LockAnswer& answer, Mono now);
  void Doubt(Mono look_at);
  void Say(std::string text) { notes_.push_back(std::move(text)); }

  const ElectionPolicy policy_;
  bool fit_ = false, stopping_ = false, asking_ = false;
  std::optional<Mono> unfit_since_;

  std::string session_;
  Mono renewed_{};  // when the last renewal that was granted was sent
  Mono renew_at_{};

  bool held_ = false;     // the lock, as far as we were told
  bool doubted_ = false;  // something says otherwise
  bool look_due_ = false;
  bool releasing_ = false;
  bool expired_ = false;  // `until_` has passed
  bool cut_off_ = false;  // ... and the store is silent
  Mono until_{};
  uint64_t term_ = 0;

  std::optional<LockView> seen_;
  Mono not_before_{};  // kAcquire
  Mono retry_at_{};
  Backoff retry_;
  std::string error_;
  std::vector<std::string> notes_;
};

}  // namespace dispatcher
