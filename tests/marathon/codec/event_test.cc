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

TEST_CASE("the step of a deployment is found among those of its plan") {
  const std::string start = R"({"actions":[{"action":"StartApplication","app":"/a"}]})";
  const std::string scale = R"({"actions":[{"action":"ScaleApplication","app":"/a"}]})";
  const std::string other = R"({"actions":[{"action":"ScaleApplication","app":"/b"}]})";
  const auto decode = [](const std::string& steps, const std::string& current) {
    const auto event = DecodeEvent(R"({"eventType":"deployment_info","plan":{"id":"d1","steps":[)" + steps +
                                   "]}" + (current.empty() ? "" : R"(,"currentStep":)" + current) + "}");
    REQUIRE(event.ok());
    const auto& update = std::get<DeploymentUpdate>(event->observations.front());
    return std::to_string(update.step) + " of " + std::to_string(update.steps);
  };
  const std::string plan = start + "," + scale + "," + other;
  CHECK(decode(plan, start) == "1 of 3");
  CHECK(decode(plan, scale) == "2 of 3");
  CHECK(decode(plan, other) == "3 of 3");
  CHECK(decode(plan, "") == "0 of 3");
  CHECK(decode(scale + "," + scale, scale) == "1 of 2");
  CHECK(decode(scale, start) == "0 of 1");
  CHECK(decode("", start) == "0 of 0");
}

TEST_CASE("no error quotes a value") {
  const auto event = DecodeEvent(R"({"eventType":"status_update_event","taskId":{"password":"hunter2"}})");
  REQUIRE_FALSE(event.ok());
  CHECK(event.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Message(event.status()) == "status_update_event: taskId is not a string");
}

}  // namespace
}  // namespace dispatcher
