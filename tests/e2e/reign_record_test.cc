// That whoever judges the long run would see what it is there for: what proxies could have
// seen of two dispatchers, and the verdict.
#include "tests/e2e/reign/record.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

using std::chrono::milliseconds;
using Answer = Write::Answer;
using What = LockCall::What;

Mono At(int ms) { return Mono() + milliseconds(ms); }

// Times in milliseconds. A call of the lock is answered 10 later.
LockCall Asking(What what, size_t who, const std::string& session, int at, bool granted = true) {
  return {what, who, session, At(at), At(at + 10), granted};
}
Write Fenced(size_t who, const std::string& session, int at, int passed, Answer answer) {
  return {answer, who, "consul", At(at), At(passed), session, false, "set"};
}
Write Plain(size_t who, int at, bool removes = false) {
  return {Answer::kDone, who, "kong", At(at), At(at), std::nullopt, removes, "POST"};
}

// Dispatcher 0 has the lock from 1,010 and renews until 5,000: with a TTL of 10 s less a margin
// of 2 s its permit ends at 13,000. Dispatcher 1 has the lock from 21,010.
Seen TwoReigns(std::vector<Write> writes, std::vector<Standstill> standstills = {}) {
  return {{Asking(What::kSession, 0, "a", 1000), Asking(What::kAcquire, 0, "a", 1000),
           Asking(What::kSession, 0, "a", 5000), Asking(What::kSession, 0, "a", 8000, false),
           Asking(What::kSession, 1, "b", 20000), Asking(What::kAcquire, 1, "b", 21000)},
          std::move(writes),
          std::move(standstills)};
}

std::string Verdict(const Seen& seen) {
  const Judgement judgement =
      Judge(seen, {.ttl = milliseconds(10000), .margin = milliseconds(2000), .transit = milliseconds(500)});
  if (!judgement.wrong.empty()) {
    return "wrong";
  }
  return judgement.fenced > 0      ? "fenced"
         : judgement.seen_dead > 0 ? "seen dead"
         : judgement.in_hand > 0   ? "in hand"
                                   : "good";
}

TEST_CASE("a write outside its writer's permit is found", "[reign-record]") {
  const struct {
    const char* what;
    Write write;
    const char* verdict;
  } cases[] = {
      {"within", Plain(0, 12900), "good"},
      {"under the first renewal alone", Plain(0, 1500), "good"},
      {"before it was told", Plain(0, 1005), "wrong"},
      {"by one that never was", Plain(2, 3000), "wrong"},
      {"after the end", Plain(0, 13600), "wrong"},
      {"after the end, as the way is long", Plain(0, 13400), "good"},
      {"a removal after the end, by one that asked in vain", Plain(0, 13600, true), "seen dead"},
      {"the same, no later than the way is long", Plain(0, 13400, true), "seen dead"},
      {"the other's", Plain(1, 21500), "good"},
      {"a removal when another has the lock", Plain(0, 21500, true), "seen dead"},
      {"by another before it is told", Plain(1, 12000), "wrong"},
      {"with a fence, within", Fenced(0, "a", 12900, 12950, Answer::kDone), "good"},
      {"with a fence, on its way for long", Fenced(0, "a", 12900, 20000, Answer::kDone), "good"},
      {"with a fence, until another has the lock", Fenced(0, "a", 12900, 22000, Answer::kDone), "wrong"},
      {"refused then", Fenced(0, "a", 12900, 22000, Answer::kFenced), "fenced"},
      {"begun after the end, and refused", Fenced(0, "a", 22000, 22000, Answer::kFenced), "fenced"},
      {"begun after the end, and nobody knows", Fenced(0, "a", 14000, 14000, Answer::kOther), "wrong"},
      {"with no session to check", Fenced(0, "", 3000, 3000, Answer::kDone), "wrong"},
      {"with another's session", Fenced(0, "b", 22000, 22000, Answer::kDone), "wrong"},
  };
  for (const auto& one : cases) {
    INFO(one.what);
    CHECK(Verdict(TwoReigns({one.write})) == one.verdict);
  }
}

TEST_CASE("one that can't even learn who has the lock is cut off from it", "[reign-record]") {
  Seen seen = TwoReigns({Plain(0, 13600, true)});
  const auto in_vain = seen.lock.begin() + 3;
  *in_vain = Asking(What::kLook, 0, "", 8000, false);
  CHECK(Verdict(seen) == "seen dead");
  *in_vain = Asking(What::kLook, 0, "", 8000);
  CHECK(Verdict(seen) == "wrong");
  *in_vain = Asking(What::kLook, 1, "", 8000, false);
  CHECK(Verdict(seen) == "wrong");
}

TEST_CASE("what a process had in hand when it was stopped is told from what it begins afterwards",
          "[reign-record]") {
  const std::vector<Standstill> over_the_end = {{0, At(12000), At(25000)}};
  CHECK(Verdict(TwoReigns({Plain(0, 25100)}, over_the_end)) == "in hand");
  CHECK(Verdict(TwoReigns({Plain(0, 25600)}, over_the_end)) == "wrong");
  CHECK(Verdict(TwoReigns(std::vector<Write>(5, Plain(0, 25100)), over_the_end)) == "wrong");
  CHECK(Verdict(TwoReigns({Plain(0, 25100)}, {{0, At(14000), At(25000)}})) == "wrong");
  CHECK(Verdict(TwoReigns({Fenced(0, "a", 25100, 25100, Answer::kDone)}, over_the_end)) == "wrong");
}

TEST_CASE("a permit ends when the lock is given back, and when the process is another", "[reign-record]") {
  for (const LockCall& last : {Asking(What::kRelease, 0, "a", 6000), Asking(What::kStart, 0, "", 6000)}) {
    Seen seen = TwoReigns({Plain(0, 7000)});
    seen.lock.push_back(last);
    CHECK(Verdict(seen) == "wrong");
    seen.writes = {Plain(0, 5900)};
    CHECK(Verdict(seen) == "good");
  }
}

}  // namespace
}  // namespace dispatcher::testing
