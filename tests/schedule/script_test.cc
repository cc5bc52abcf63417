#include "tests/schedule/script.h"

#include "tests/support/catch.h"

namespace dispatcher::schedule {
namespace {

const char* const kWeb =
    R"({"id":"/web","version":"2019-04-10T10:00:00.000Z","instances":1,"portDefinitions":[{"port":10000}],"tasks":[]})";

std::string Status(const std::string& state) {
  return R"({"eventType":"status_update_event","timestamp":"2019-04-10T10:00:02.000Z","slaveId":"S0",)"
         R"("taskId":"web.01da9a15-68a7-11e7-a229-e6a514ca0c21","taskStatus":")" +
         state +
         R"(","message":"","appId":"/web","host":"10.0.0.1","ipAddresses":[],"ports":[31001],)"
         R"("version":"2019-04-10T10:00:00.000Z"})";
}

TEST_CASE("a script is played as it is written") {
  Script s;
  s.Lists(kWeb).Attach().Answer();
  CHECK(s.Sees().empty());
  s.Event(Status("TASK_RUNNING"));
  CHECK(s.Wants() == Lines{"web.01da9a15-68a7-11e7-a229-e6a514ca0c21 10.0.0.1:31001 passing"});
  s.Event(Status("TASK_KILLED")).Again(0);
  CHECK(s.Sees().empty());
  CHECK(s.violation().empty());
  // The same once more, from the start.
  Stage stage(s.schedule().tale, s.schedule().policy);
  stage.Play(s.schedule().acts);
  CHECK(stage.Want().empty());
  CHECK(stage.events() == s.stage().events());
}

}  // namespace
}  // namespace dispatcher::schedule
