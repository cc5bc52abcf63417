// One line for how an app does in a registry.
#include "dispatcher/admin/place_words.h"
#include "tests/admin/fake_source.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

EntryReport Standing(const std::string& task, std::string_view state, const std::string& why = "") {
  EntryReport entry;
  entry.id = {"", "server", task.empty() ? "backend" : "server-" + task};
  entry.task = task;
  entry.state = state;
  entry.why = why;
  return entry;
}

TEST_CASE("an app's line says first how many are registered, then what is not as it should be") {
  AppView view;
  view.services = ExampleSource().services;
  struct Row {
    std::vector<EntryReport> entries;
    std::vector<std::pair<int, std::string>> not_published;
    const char* says;
  };
  const Row row = GENERATE(values<Row>({
      {{Standing("", "right"), Standing("a", "right"), Standing("b", "right")},
       {},
       "2 of 2 instances registered as shop-cart"},
      {{Standing("a", "right"), Standing("b", "held", "seen once")},
       {},
       "1 of 1 instance registered as shop-cart; 1 removal held back: seen once"},
      {{Standing("a", "right"), Standing("b", "out", "its health check fails")},
       {},
       "1 of 2 instances registered as shop-cart; 1 out of traffic: its health check fails"},
      {{Standing("a", "failing", "timeout"), Standing("b", "refused", "no such node")},
       {},
       "0 of 2 instances registered as shop-cart; 1 refused by it: no such node; 1 fails: timeout"},
      {{Standing("a", "waits"), Standing("b", "due")},
       {},
       "0 of 2 instances registered as shop-cart; 1 about to be written; 1 waits for another registry"},
      {{Standing("", "right")}, {}, "registered as shop-cart"},
      {{Standing("", "failing", "timeout")}, {}, "0 of 1 entry registered as shop-cart; 1 fails: timeout"},
      {{}, {{0, "no label asks for it"}}, "not published: no label asks for it"},
      {{}, {{0, "no"}, {1, "never"}}, "port 0 not published: no; port 1 not published: never"},
      {{Standing("a", "right")},
       {{1, "no"}},
       "1 of 1 instance registered as shop-cart; port 1 not published: no"},
      {{Standing("a", "leaving")}, {}, "1 about to be removed"},
      {{}, {}, "nothing registered: no task of it is known"},
  }));
  AppPlace place;
  place.read = true;
  place.entries = row.entries;
  place.not_published = row.not_published;
  CHECK(SummaryOf(view, "consul", place) == row.says);
}

TEST_CASE("of a registry that was never read nothing is known but why") {
  AppView view;
  AppPlace place;
  CHECK(SummaryOf(view, "kong", place) == "not known: it was not read yet");
  view.failing = {{"kong", "connection refused"}};
  CHECK(SummaryOf(view, "kong", place) == "not known: it can't be read: connection refused");
  // What is not published there is known all the same.
  view.services = ExampleSource().services;
  place.not_published = {{0, "no label asks for it"}};
  CHECK(SummaryOf(view, "kong", place) == "not published: no label asks for it");
}

TEST_CASE("where nothing is to be registered, the line says what is waited for") {
  AppView view;
  AppPlace place;
  place.read = true;
  TaskReport gone, waits;
  gone.phase = "Gone";
  gone.reason = "it has ended";
  waits.phase = "Placed";
  waits.reason = "it does not run yet";
  view.app.tasks = {gone, waits};
  CHECK(SummaryOf(view, "kong", place) == "nothing registered: it does not run yet");
  view.app.tasks = {gone};
  CHECK(SummaryOf(view, "kong", place) == "nothing registered: its task runs no more: it has ended");
  gone.reason = "TASK_FAILED";
  view.app.tasks.push_back(gone);
  CHECK(SummaryOf(view, "kong", place) ==
        "nothing registered: none of its 2 tasks runs any more, the last one: TASK_FAILED");
  // A label's fault is no reason while nothing runs, and what runs without a port is none either.
  view.services = ExampleSource().services;
  view.app.missing = {"label dispatcher.hots is left out"};
  CHECK(SummaryOf(view, "kong", place) ==
        "nothing registered: none of its 2 tasks runs any more, the last one: TASK_FAILED");
  view.services.clear();
  view.app.tasks = {waits};
  view.app.missing = {"ports: it declares none, so nothing is published"};
  for (const bool read : {true, false}) {
    place.read = read;
    CHECK(SummaryOf(view, "kong", place) ==
          "nothing registered: ports: it declares none, so nothing is published");
  }
}

TEST_CASE("an instance that is registered though it is sick is told so") {
  AppView view;
  view.services = ExampleSource().services;
  TaskReport sick;
  sick.task = "a";
  sick.phase = "Unfit";
  sick.reason = "its health check fails";
  view.app.tasks = {sick};
  AppPlace place;
  place.read = true;
  place.entries = {Standing("a", "right"), Standing("b", "right")};
  CHECK(SummaryOf(view, "consul", place) ==
        "2 of 2 instances registered as shop-cart (1 of them unfit: its health check fails)");
  place.entries.front().state = "failing";
  CHECK(SummaryOf(view, "consul", place) == "1 of 2 instances registered as shop-cart; 1 fails");
}

}  // namespace
}  // namespace dispatcher
