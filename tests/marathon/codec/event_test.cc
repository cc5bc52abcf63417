#include "dispatcher/marathon/codec/event.h"

#include <set>

#include "tests/marathon/codec/describe.h"
#include "tests/marathon/codec/files.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("every event in every version's dress") {
  for (const auto& file : DataFiles("marathon/events", ".jsonl")) {
    std::string actual;
    for (const std::string& line : Lines(ReadWhole(file))) {
      actual += DescribeEvent(DecodeEvent(line)) + "\n";
    }
    CheckExpected(file, actual);
  }
}

TEST_CASE("the data files hold every event there is") {
  std::set<std::string> seen;
  for (const auto& file : DataFiles("marathon/events", ".jsonl")) {
    for (const std::string& line : Lines(ReadWhole(file))) {
      if (const auto event = DecodeEvent(line); event.ok() && event->known) {
        seen.insert(event->type);
      }
    }
  }
  CHECK(seen.size() == 31);
  const auto wanted = WantedEventTypes();
  CHECK(wanted.size() == 27);
  for (const auto type : wanted) {
    CAPTURE(type);
    CHECK(seen.contains(std::string(type)));
  }
}

TEST_CASE("the filter asks for the proof of the subscription") {
  const auto wanted = WantedEventTypes();
  CHECK(std::is_sorted(wanted.begin(), wanted.end()));
  CHECK(std::count(wanted.begin(), wanted.end(), "event_stream_attached") == 1);
  CHECK(std::count(wanted.begin(), wanted.end(), "framework_message_event") == 0);
}

TEST_CASE("no error quotes a value") {
  const auto event = DecodeEvent(R"({"eventType":"status_update_event","taskId":{"password":"hunter2"}})");
  REQUIRE_FALSE(event.ok());
  CHECK(event.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Message(event.status()) == "status_update_event: taskId is not a string");
}

}  // namespace
}  // namespace dispatcher
