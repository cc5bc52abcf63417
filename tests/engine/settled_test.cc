#include "dispatcher/engine/settled.h"

#include <functional>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

EngineReport Settled() {
  EngineReport report;
  report.catalog.attached = true;
  report.catalog.synced = true;
  report.inbox.idle = true;
  report.adapters.resize(1);
  report.adapters[0].name = "consul";
  report.adapters[0].state.compared = true;
  return report;
}

TEST_CASE("What is still to come is said for each way not to have settled") {
  struct Case {
    std::string waits;  // "" for none, at the three stages
    bool for_read, for_written, for_settled;
    std::function<void(EngineReport&)> change;
  };
  const auto state = [](EngineReport& report) -> ReconcileReport& { return report.adapters[0].state; };
  const std::vector<Case> cases = {
      {"", false, false, false, [](EngineReport&) {}},
      {"Marathon's event stream: refused", true, true, true,
       [](EngineReport& r) {
         r.catalog.attached = r.catalog.synced = false;
         r.stream.now.last_error = "refused";
       }},
      {"a complete read of Marathon: 503", true, true, true,
       [](EngineReport& r) {
         r.catalog.synced = false;
         r.reads.last_error = "503";
       }},
      {"a complete read of Marathon", true, true, true, [](EngineReport& r) { r.reads.pending = 1; }},
      {"a complete read of Marathon", true, true, true, [](EngineReport& r) { r.reads.in_flight = 1; }},
      {"a snapshot of Marathon that can be believed: it is empty", true, true, true,
       [](EngineReport& r) { r.catalog.distrust = "it is empty"; }},
      {"the right to write: nobody leads; down", false, true, true,
       [](EngineReport& r) {
         r.leader.leads = false;
         r.leader.known = true;
         r.leader.error = "down";
       }},
      {"what Marathon said to be worked off", true, true, true,
       [](EngineReport& r) { r.inbox.idle = false; }},
      {"the targets and leaders of static services", true, true, true,
       [](EngineReport& r) { r.static_questions = 1; }},
      {"consul: its registry to be read and compared: down", true, true, true,
       [&](EngineReport& r) {
         state(r).compared = false;
         state(r).failing = {{"", "down"}};
       }},
      {"consul: its changes to be written", false, true, true,
       [&](EngineReport& r) { state(r).queued_units = 1; }},
      {"consul: its changes to be written", false, true, true,
       [&](EngineReport& r) { state(r).in_flight = 1; }},
      {"consul: its changes to be written: web: busy", false, true, true,
       [&](EngineReport& r) {
         state(r).backing_off = 1;
         state(r).failed = {{{"", "service", "web"}, Op::kPut, {"/web", 0}, "busy", false}};
       }},
      {"consul: 2 services wait for another adapter to have them", false, false, true,
       [&](EngineReport& r) { state(r).gated = 2; }},
      // Nothing of this changes by itself.
      {"", false, false, false,
       [&](EngineReport& r) {
         state(r).failed = {{{"", "service", "web"}, Op::kPut, {"/web", 0}, "held", true}};
         state(r).held.resize(1);
         state(r).refusals = {"/web: no"};
       }},
  };
  for (const Case& c : cases) {
    INFO(c.waits);
    EngineReport report = Settled();
    c.change(report);
    const auto waits = [&](Until until) {
      const std::vector<std::string> waiting = WaitingFor(report, until);
      CHECK(waiting.size() <= 1);
      return waiting.empty() ? std::string() : waiting.front();
    };
    CHECK(waits(Until::kRead) == (c.for_read ? c.waits : ""));
    CHECK(waits(Until::kWritten) == (c.for_written ? c.waits : ""));
    CHECK(waits(Until::kSettled) == (c.for_settled ? c.waits : ""));
  }
}

}  // namespace
}  // namespace dispatcher
