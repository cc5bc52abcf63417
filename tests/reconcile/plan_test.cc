#include "dispatcher/reconcile/plan.h"

#include "tests/support/catch.h"

namespace dispatcher::reconcile {
namespace {

Facts There() {
  Facts f;
  f.presence = Presence::kPresent;
  f.standing = Standing::kPublished;
  f.complete = true;
  return f;
}
Facts With(Facts f, void (*change)(Facts&)) {
  change(f);
  return f;
}

TEST_CASE("What is wanted is put unless it is there and the same") {
  struct Case {
    const char* name;
    bool create;
    Presence presence;
    bool same;
    Act act;
  };
  const Case cases[] = {
      {"missing", true, Presence::kAbsent, false, Act::kPut},
      {"outcome unknown", true, Presence::kMaybe, false, Act::kPut},
      {"different", true, Presence::kPresent, false, Act::kPut},
      {"the same", true, Presence::kPresent, true, Act::kNothing},
      {"if there: missing", false, Presence::kAbsent, false, Act::kNothing},
      {"if there: perhaps there", false, Presence::kMaybe, false, Act::kNothing},
      {"if there: different", false, Presence::kPresent, false, Act::kPut},
      {"if there: the same", false, Presence::kPresent, true, Act::kNothing},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Facts f;
    f.wanted = true;
    f.create = c.create;
    f.presence = c.presence;
    f.same = c.same;
    CHECK(Decide(f).act == c.act);
  }
}

TEST_CASE("What is not wanted goes when something explains it") {
  struct Case {
    const char* name;
    Facts facts;
    Decision decision;
  };
  const Facts t = There();
  const Case cases[] = {
      {"not there", Facts{}, {}},
      {"dead by an event",
       With(t, [](Facts& f) { f.listed = Want::kNo, f.listed_why = Why::kEvent; }),
       {Act::kRemove, Why::kEvent, Cause::kListed}},
      {"dead by a read",
       With(t, [](Facts& f) { f.listed = Want::kNo, f.listed_why = Why::kRead; }),
       {Act::kRemove, Why::kRead, Cause::kListed}},
      {"taken out by policy",
       With(t, [](Facts& f) { f.listed = Want::kNo, f.listed_why = Why::kPolicy; }),
       {Act::kRemove, Why::kPolicy, Cause::kListed}},
      {"listed, merely absent",
       With(t, [](Facts& f) { f.listed = Want::kNo, f.listed_why = Why::kAbsent; }),
       {Act::kSuspect, Why::kAbsent, Cause::kListed}},
      {"not listed, nothing known", t, {Act::kSuspectInFullPass, Why::kAbsent, Cause::kNotListed}},
      {"not listed, its app runs whole",
       With(t, [](Facts& f) { f.missing = Why::kRead; }),
       {Act::kRemoveInFullPass, Why::kRead, Cause::kNotListed}},
      {"not listed, list not complete", With(t, [](Facts& f) { f.complete = false; }), {}},
      {"unknown app",
       With(t, [](Facts& f) { f.standing = Standing::kUnknown; }),
       {Act::kSuspectInFullPass, Why::kAbsent, Cause::kUnknownApp}},
      {"app gone",
       With(t, [](Facts& f) { f.standing = Standing::kGone, f.gone_why = Why::kEvent; }),
       {Act::kRemove, Why::kEvent, Cause::kServiceGone}},
      {"app gone, merely absent",
       With(t, [](Facts& f) { f.standing = Standing::kGone; }),
       {Act::kSuspect, Why::kAbsent, Cause::kServiceGone}},
      {"not published here",
       With(t, [](Facts& f) { f.standing = Standing::kUnpublished; }),
       {Act::kRemove, Why::kPolicy, Cause::kUnpublished}},
      {"in doubt", With(t, [](Facts& f) { f.standing = Standing::kDoubt; }), {}},
      {"in doubt, dead by an event",
       With(t,
            [](Facts& f) {
              f.standing = Standing::kDoubt;
              f.listed = Want::kNo, f.listed_why = Why::kEvent;
            }),
       {Act::kRemove, Why::kEvent, Cause::kListed}},
      {"alive, under an old name",
       With(t, [](Facts& f) { f.listed = Want::kYes; }),
       {Act::kRemove, Why::kPolicy, Cause::kSuperseded}},
      {"perhaps alive, under an old name", With(t, [](Facts& f) { f.listed = Want::kIfThere; }), {}},
      {"structure under an old name",
       With(t, [](Facts& f) { f.structure = true; }),
       {Act::kRemove, Why::kPolicy, Cause::kSuperseded}},
      {"structure, service in doubt", With(t, [](Facts& f) { f.structure = f.in_doubt = true; }), {}},
      {"address taken over, even in doubt",
       With(t, [](Facts& f) { f.standing = Standing::kDoubt, f.taken_over = true; }),
       {Act::kRemove, Why::kEvent, Cause::kTakenOver}},
      {"outcome unknown counts as there",
       With(t,
            [](Facts& f) {
              f.presence = Presence::kMaybe;
              f.listed = Want::kNo, f.listed_why = Why::kEvent;
            }),
       {Act::kRemove, Why::kEvent, Cause::kListed}},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    CHECK(Decide(c.facts) == c.decision);
  }
}

TEST_CASE("Another framework's entries wait for a release, whatever a snapshot says") {
  Facts f = There();
  f.other_framework = true;
  f.missing = Why::kRead;
  CHECK(Decide(f).act == Act::kHold);
  f.standing = Standing::kGone;
  f.gone_why = Why::kEvent;
  CHECK(Decide(f).act == Act::kHold);
  f.standing = Standing::kUnknown;
  CHECK(Decide(f).act == Act::kHold);
  SECTION("an event about the very task explains it") {
    f.listed = Want::kNo;
    f.listed_why = Why::kEvent;
    CHECK(Decide(f).act == Act::kRemove);
  }
  SECTION("so does proof of death") {
    f.taken_over = true;
    CHECK(Decide(f).act == Act::kRemove);
  }
}

}  // namespace
}  // namespace dispatcher::reconcile
