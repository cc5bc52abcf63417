// The election as a table: what it asks for, when it may write, and what becomes of that.
#include "dispatcher/leader/election.h"

#include <algorithm>
#include <functional>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using namespace std::chrono_literals;
using Code = LockAnswer::Code;
using State = Election::State;
using What = LockAsk::What;

// TTL 20 s, margin 2 s: a permit lasts 18 s from the sending of the last renewal.
class ElectionRig {
 public:
  Mono now{1000s};
  Election election{ElectionPolicyOf(20s)};

  // Carries out all that is asked for now, as `store` answers; each answer takes no time.
  void Run(const std::function<LockAnswer(const LockAsk&)>& store) {
    for (int i = 0; i < 20; ++i) {
      const std::optional<LockAsk> ask = election.Next(now);
      if (!ask) {
        return;
      }
      asked.push_back(ask->what);
      election.Answered(*ask, store(*ask), now, now);
    }
    FAIL("it asks without end");
  }
  void Healthy() {
    Run([this](const LockAsk& ask) { return Obey(ask); });
  }
  LockAnswer Obey(const LockAsk& ask) {
    LockAnswer answer;
    switch (ask.what) {
      case What::kCreate:
        answer.session = "s" + std::to_string(++sessions);
        break;
      case What::kAcquire:
        if (!lock.session.empty() && lock.session != ask.session) {
          answer.code = Code::kNotNow;
        } else {
          lock = {true, ask.session, "", ++index};
        }
        break;
      case What::kLook:
        answer.view = lock;
        break;
      case What::kRelease:
        lock.session.clear();
        break;
      case What::kRenew:
      case What::kDestroy:
        break;
    }
    return answer;
  }
  void Watch() { election.Seen(lock, now); }
  void Lead() {
    election.SetFit(true, now);
    Watch();
    Healthy();
    REQUIRE(Writes());
    asked.clear();
  }
  // As Permit does.
  bool Writes(WriteScope scope = WriteScope::kAll) const {
    const auto may = election.permission();
    return may && now < may->until && may->scope == scope;
  }
  void Pass(Duration time) { now += time; }

  LockView lock;
  uint64_t index = 0;
  int sessions = 0;
  std::vector<What> asked;
};

LockAnswer Failing(Code code) {
  LockAnswer answer;
  answer.code = code;
  answer.error = "oh dear";
  return answer;
}

TEST_CASE("only who knows what Marathon runs asks for the lock") {
  ElectionRig rig;
  rig.Watch();
  rig.Healthy();
  CHECK(rig.asked.empty());
  CHECK(rig.election.state(rig.now) == State::kUnfit);
  CHECK_FALSE(rig.election.NextDeadline().has_value());
  rig.election.SetFit(true, rig.now);
  rig.Healthy();
  CHECK(rig.asked == std::vector<What>{What::kCreate, What::kAcquire});
  CHECK(rig.election.state(rig.now) == State::kLeading);
  CHECK(rig.election.permission()->term == 1);
  CHECK(rig.election.permission()->fence == "s1");
}

TEST_CASE("nobody asks for a lock of which nothing is known, or that is held") {
  ElectionRig rig;
  rig.election.SetFit(true, rig.now);
  rig.Healthy();
  CHECK(rig.asked == std::vector<What>{What::kCreate});
  rig.lock = {true, "other", "", 7};
  rig.Watch();
  rig.Healthy();
  CHECK(rig.asked.size() == 1);
  CHECK(rig.election.state(rig.now) == State::kStandby);
  rig.lock.session.clear();
  rig.Watch();
  rig.Healthy();
  CHECK(rig.Writes());
}

TEST_CASE("the permit ends a TTL less the margin after the last renewal was sent") {
  ElectionRig rig;
  rig.Lead();
  const Mono begun = rig.now;
  CHECK(rig.election.permission()->until == begun + 18s);

  SECTION("a third of the TTL later it is renewed, and proven by a look") {
    CHECK(rig.election.NextDeadline() <= begun + 7s);
    rig.Pass(7s);
    rig.Healthy();
    CHECK(rig.asked == std::vector<What>{What::kRenew, What::kLook});
    CHECK(rig.election.permission()->until == rig.now + 18s);
    CHECK(rig.election.permission()->term == 1);
  }
  SECTION("an answer that took its time counts from the question") {
    rig.Pass(7s);
    const Mono asked = rig.now;
    const LockAsk renew = *rig.election.Next(rig.now);
    rig.Pass(4s);
    rig.election.Answered(renew, {}, asked, rig.now);
    CHECK(rig.election.permission()->until == begun + 18s);  // not before the look
    rig.Healthy();
    CHECK(rig.election.permission()->until == asked + 18s);
  }
  SECTION("an answer that comes after the end of the permit begins another term") {
    rig.Pass(7s);
    const Mono asked = rig.now;
    const LockAsk renew = *rig.election.Next(rig.now);
    rig.Pass(11s);
    CHECK_FALSE(rig.Writes());
    CHECK(rig.election.state(rig.now) == State::kExpired);
    rig.election.Answered(renew, {}, asked, rig.now);
    CHECK_FALSE(rig.Writes());
    rig.Healthy();
    CHECK(rig.Writes());
    CHECK(rig.election.permission()->term == 2);
  }
  SECTION("an answer later than all of it is no permit") {
    rig.Pass(7s);
    const Mono asked = rig.now;
    const LockAsk renew = *rig.election.Next(rig.now);
    rig.Pass(60s);
    rig.election.Answered(renew, {}, asked, rig.now);
    rig.Run([&](const LockAsk& ask) {
      return ask.what == What::kLook    ? rig.Obey(ask)
             : ask.what == What::kRenew ? Failing(Code::kSessionGone)
                                        : Failing(Code::kSilent);
    });
    CHECK_FALSE(rig.Writes());
    CHECK(rig.election.terms() == 1);
  }
  SECTION("a process that stood still does not write before it has heard") {
    rig.Pass(60s);
    CHECK_FALSE(rig.Writes());
    CHECK_FALSE(rig.Writes(WriteScope::kSeenDead));
    rig.Run([](const LockAsk& ask) {
      return ask.what == What::kRenew ? Failing(Code::kSessionGone) : Failing(Code::kSilent);
    });
    CHECK_FALSE(rig.election.permission().has_value());
  }
}

TEST_CASE("what a renewal may be answered") {
  struct Row {
    Code code;
    Duration after;  // since the last good one
    bool writes, dead_only;
    State state;
  };
  const Row row = GENERATE(values<Row>({
      {Code::kSilent, 7s, true, false, State::kLeading},
      {Code::kSilent, 17s, true, false, State::kLeading},
      {Code::kSilent, 18s, false, true, State::kCutOff},
      {Code::kSilent, 3600s, false, true, State::kCutOff},
      {Code::kDenied, 7s, true, false, State::kLeading},
      {Code::kDenied, 18s, false, false, State::kExpired},
      {Code::kRefused, 7s, true, false, State::kLeading},
      {Code::kRefused, 18s, false, false, State::kExpired},
      {Code::kSessionGone, 7s, false, false, State::kDoubting},
      {Code::kSessionGone, 18s, false, false, State::kDoubting},
  }));
  CAPTURE(static_cast<int>(row.code), Seconds(row.after));
  ElectionRig rig;
  rig.Lead();
  rig.lock.session = "other";  // what comes after is not the question here
  rig.Pass(row.after);
  bool first = true;
  rig.Run([&](const LockAsk& ask) {
    CHECK((first || ask.what == What::kCreate));
    return std::exchange(first, false) ? Failing(row.code) : Failing(Code::kSilent);
  });
  CHECK(rig.Writes() == row.writes);
  CHECK(rig.Writes(WriteScope::kSeenDead) == row.dead_only);
  CHECK(rig.election.state(rig.now) == row.state);
  CHECK(rig.election.NextDeadline() > rig.now);
}

TEST_CASE("a session that is denied is lost only if the lock is") {
  ElectionRig rig;
  rig.Lead();
  rig.Pass(7s);
  bool denies = true;
  const auto store = [&](const LockAsk& ask) {
    return ask.what == What::kRenew && denies && ask.session == "s1" ? Failing(Code::kSessionGone)
                                                                     : rig.Obey(ask);
  };
  const auto next = [&] {
    rig.Pass(ElectionPolicyOf(20s).delayed);
    rig.Run(store);
  };
  rig.Run(store);
  CHECK(rig.asked == std::vector<What>{What::kRenew});
  CHECK_FALSE(rig.election.permission().has_value());
  CHECK(rig.election.NextDeadline() == rig.now + ElectionPolicyOf(20s).delayed);

  SECTION("a Consul that has just come back has not read it yet") {
    next();
    CHECK(rig.asked == std::vector<What>{What::kRenew, What::kLook, What::kRenew});
    CHECK_FALSE(rig.Writes());
    denies = false;
    next();
    CHECK(rig.Writes());
    CHECK(rig.election.permission()->term == 1);
    CHECK(rig.election.permission()->fence == "s1");
    // And for as long as after any renewal.
    rig.Pass(17s);
    CHECK(rig.Writes());
  }
  SECTION("and so is the lock") {
    rig.lock.session.clear();
    next();
    CHECK(rig.asked ==
          std::vector<What>{What::kRenew, What::kLook, What::kRenew, What::kCreate, What::kAcquire});
    CHECK(rig.Writes());
    CHECK(rig.election.permission()->term == 2);
    CHECK(rig.election.permission()->fence == "s2");
  }
}

TEST_CASE("what another word about the lock does to its holder") {
  ElectionRig rig;
  rig.Lead();
  rig.Pass(1s);
  const auto word = GENERATE("deleted", "released", "taken", "old", "refused");
  CAPTURE(word);
  const std::string w = word;
  const LockView ours = rig.lock;
  rig.lock = w == "deleted"    ? LockView{false, "", "", 9}
             : w == "released" ? LockView{true, "", "", 9}
             : w == "taken"    ? LockView{true, "other", "", 9}
                               : ours;
  if (w == "old") {
    rig.election.Seen({true, "", "", 1}, rig.now);  // from before it was ours
  } else if (w == "refused") {
    rig.election.Refused(1, rig.now);
  } else {
    rig.Watch();
  }
  CHECK_FALSE(rig.Writes());
  CHECK(rig.election.state(rig.now) == State::kDoubting);
  rig.Pass(1s);
  rig.Healthy();
  CHECK(rig.asked.front() == What::kLook);
  CHECK(rig.Writes() == (w != "taken"));
  if (w == "old" || w == "refused") {
    CHECK(rig.election.permission()->term == 1);  // nobody else had it meanwhile
  } else if (w != "taken") {
    CHECK(rig.election.permission()->term == 2);
  }
}

TEST_CASE("a refusal of an earlier term is no news") {
  ElectionRig rig;
  rig.Lead();
  rig.election.Refused(0, rig.now);
  CHECK(rig.Writes());
}

TEST_CASE("a lock that was deleted under its holder is left alone for a TTL") {
  ElectionRig rig;
  rig.election.SetFit(true, rig.now);
  rig.lock = {true, "other", "", 1};
  rig.Watch();
  rig.Healthy();
  rig.lock = {false, "", "", 2};
  rig.Watch();
  rig.Watch();
  rig.Pass(19s);
  rig.Healthy();
  CHECK_FALSE(rig.election.permission().has_value());
  rig.Pass(2s);
  rig.Healthy();
  CHECK(rig.Writes());
}

TEST_CASE("while the lock's delay runs it asks again and again, not at once") {
  ElectionRig rig;
  rig.election.SetFit(true, rig.now);
  rig.Watch();
  rig.Run([&](const LockAsk& ask) {
    return ask.what == What::kAcquire ? Failing(Code::kNotNow) : rig.Obey(ask);
  });
  CHECK(rig.election.state(rig.now) == State::kStandby);
  CHECK(rig.election.NextDeadline() > rig.now);
  CHECK(rig.election.NextDeadline() <= rig.now + 200ms);
  rig.Pass(200ms);
  rig.Healthy();
  CHECK(rig.Writes());
}

TEST_CASE("a lock that is ours although the answer was lost is asked for again") {
  ElectionRig rig;
  rig.election.SetFit(true, rig.now);
  rig.Watch();
  rig.Run([&](const LockAsk& ask) {
    const LockAnswer answer = rig.Obey(ask);
    return ask.what == What::kAcquire ? Failing(Code::kSilent) : answer;
  });
  rig.Watch();
  CHECK_FALSE(rig.election.permission().has_value());
  rig.Pass(1s);
  rig.Healthy();
  CHECK(rig.Writes());
}

TEST_CASE("the store comes back") {
  ElectionRig rig;
  rig.Lead();
  for (int i = 0; i < 10; ++i) {
    rig.Pass(5s);
    rig.Run([](const LockAsk&) { return Failing(Code::kSilent); });
  }
  CHECK(rig.Writes(WriteScope::kSeenDead));
  CHECK(rig.election.error() == "oh dear");
  rig.Pass(5s);

  SECTION("with the session: nobody else had the lock, and yet it is a new term") {
    rig.Healthy();
    CHECK(rig.Writes());
    CHECK(rig.election.permission()->term == 2);
    CHECK(rig.election.error().empty());
  }
  SECTION("without it, and another leads") {
    rig.lock = {true, "other", "", 9};
    for (int i = 0; i < 2; ++i) {  // it asks whose the lock is a moment later
      rig.Run([&](const LockAsk& ask) {
        return ask.what == What::kRenew ? Failing(Code::kSessionGone) : rig.Obey(ask);
      });
      CHECK_FALSE(rig.election.permission().has_value());
      rig.Pass(ElectionPolicyOf(20s).delayed);
    }
    CHECK(rig.election.state(rig.now) == State::kStandby);
  }
  SECTION("and denies: that is an answer") {
    rig.Run([](const LockAsk&) { return Failing(Code::kDenied); });
    CHECK_FALSE(rig.Writes(WriteScope::kSeenDead));
  }
  SECTION("another word about the lock alone ends the removing of the dead, too") {
    rig.election.Seen({true, "other", "", 9}, rig.now);
    CHECK_FALSE(rig.election.permission().has_value());
    rig.Run([](const LockAsk&) { return Failing(Code::kSilent); });
    CHECK_FALSE(rig.election.permission().has_value());
  }
}

TEST_CASE("a leader that knows no more what Marathon runs gives the lock up after 30 s") {
  ElectionRig rig;
  rig.Lead();
  rig.election.SetFit(false, rig.now);
  for (int i = 0; i < 5; ++i) {
    rig.Pass(5s);
    rig.Healthy();
    CHECK(rig.Writes());
  }
  SECTION("unless it knows again") {
    rig.election.SetFit(true, rig.now);
    rig.Pass(10s);
    rig.Healthy();
    CHECK(rig.Writes());
  }
  SECTION("the permit first, then the lock, then the session") {
    rig.Pass(5s);
    rig.asked.clear();
    std::vector<bool> wrote;
    rig.Run([&](const LockAsk& ask) {
      wrote.push_back(rig.Writes());
      return rig.Obey(ask);
    });
    CHECK(rig.asked == std::vector<What>{What::kRelease, What::kDestroy});
    CHECK(wrote == std::vector<bool>{false, false});
    CHECK(rig.lock.session.empty());
    CHECK(rig.election.state(rig.now) == State::kUnfit);
    rig.Watch();
    rig.Pass(60s);
    rig.Healthy();
    CHECK(rig.asked.size() == 2);
    rig.election.SetFit(true, rig.now);
    rig.Healthy();
    CHECK(rig.Writes());
    CHECK(rig.election.permission()->term == 2);
  }
}

TEST_CASE("who stops gives the lock back at once") {
  ElectionRig rig;
  rig.Lead();
  const Code code = GENERATE(Code::kDone, Code::kSilent, Code::kDenied);
  rig.election.Stop(rig.now);
  CHECK_FALSE(rig.election.permission().has_value());
  rig.Run([&](const LockAsk& ask) { return code == Code::kDone ? rig.Obey(ask) : Failing(code); });
  CHECK(rig.asked == std::vector<What>{What::kRelease, What::kDestroy});
  CHECK(rig.election.over());
}

TEST_CASE("who stops while an answer is awaited waits for that first") {
  ElectionRig rig;
  rig.Lead();
  rig.Pass(7s);
  const LockAsk renew = *rig.election.Next(rig.now);
  rig.election.Stop(rig.now);
  CHECK_FALSE(rig.election.Next(rig.now).has_value());
  CHECK_FALSE(rig.election.over());
  rig.election.Answered(renew, Failing(Code::kSilent), rig.now, rig.now);
  rig.Pass(5s);
  rig.Healthy();
  CHECK(rig.election.over());
}

TEST_CASE("who has nothing stops with nothing") {
  ElectionRig rig;
  rig.election.Stop(rig.now);
  CHECK(rig.election.over());
  CHECK_FALSE(rig.election.Next(rig.now).has_value());
}

}  // namespace
}  // namespace dispatcher
