#include "dispatcher/model/ids.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

const std::string kUuid = "c7c311a4-b669-11e6-a48f-0ea4f4b1778c";

TEST_CASE("every form of task id leads to its instance and app") {
  struct Case {
    std::string task, instance, app;
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"my-app_0-1396592784349", "my-app.marathon-0-1396592784349", "/my-app"},   // 0.6
      {"a_b." + kUuid, "a_b.marathon-" + kUuid, "/a/b"},                          // 0.7 to 1.7
      {"a_b." + kUuid + ".3", "a_b.marathon-" + kUuid, "/a/b"},                   // resident
      {"a_b.instance-" + kUuid + ".web", "a_b.instance-" + kUuid, "/a/b"},        // pod, 1.4
      {"a_b.instance-" + kUuid + ".$anon", "a_b.instance-" + kUuid, "/a/b"},      //
      {"a_b.instance-" + kUuid + "._app.1", "a_b.instance-" + kUuid, "/a/b"},     // 1.8
      {"a_b.instance-" + kUuid + "._app.12", "a_b.instance-" + kUuid, "/a/b"},    // incarnation
      {"a_b.instance-" + kUuid + ".web.2", "a_b.instance-" + kUuid, "/a/b"},      // pod, 1.8
      {"v1.2_my.app." + kUuid, "v1.2_my.app.marathon-" + kUuid, "/v1.2/my.app"},  // dots are legal
      {"v1.2_my.app.instance-" + kUuid + "._app.1", "v1.2_my.app.instance-" + kUuid, "/v1.2/my.app"},
      {"x.instance-y_z.instance-" + kUuid + "._app.1", "x.instance-y_z.instance-" + kUuid, "/x.instance-y/z"},
  }));
  CAPTURE(c.task);
  CHECK(InstanceOfTask(c.task) == c.instance);
  CHECK(AppOfTask(c.task) == c.app);
  CHECK_FALSE(IsInstanceId(c.task));
}

TEST_CASE("an instance id maps to itself") {
  for (const std::string word : {"instance-", "marathon-"}) {
    const std::string id = "a_b." + word + kUuid;
    CHECK(InstanceOfTask(id) == id);
    CHECK(AppOfTask(id) == "/a/b");
    CHECK(IsInstanceId(id));
  }
}

TEST_CASE("incarnations of one instance share it") {
  const std::string stem = "web.instance-" + kUuid + "._app.";
  CHECK(InstanceOfTask(stem + "1") == InstanceOfTask(stem + "2"));
}

TEST_CASE("what is no id gives nothing") {
  for (const std::string id : {"", ".", "_", "web", "web.", ".uuid", "_uuid", ".1", "..", "web_"}) {
    CAPTURE(id);
    CHECK(InstanceOfTask(id).empty());
    CHECK(AppOfTask(id).empty());
    CHECK_FALSE(IsInstanceId(id));
  }
}

TEST_CASE("what only looks like a new task id is read as an old one") {
  CHECK(InstanceOfTask("a.instance-u.c.x.1") == "a.instance-u.c.marathon-x");
  CHECK(InstanceOfTask("a.instance-u.c.x") == "a.instance-u.c.marathon-x");
  CHECK(InstanceOfTask("a.instance-.c") == "a.instance-.marathon-c");
  CHECK(InstanceOfTask("a.instance-u..1") == "a.instance-u..marathon-1");
}

TEST_CASE("a broken marked id is not taken for an instance") {
  for (const std::string id : {"a.instance-", "a.instance-u.c.x.1", "a.instance-u.c.x", ".instance-u"}) {
    CAPTURE(id);
    CHECK_FALSE(IsInstanceId(id));
  }
}

TEST_CASE("app ids have one spelling") {
  struct Case {
    std::string in, out;
  };
  const auto c = GENERATE(values<Case>({{"a/b", "/a/b"},
                                        {"/a/b", "/a/b"},
                                        {"//a/b", "/a/b"},
                                        {"/a//b/", "/a/b"},
                                        {"web", "/web"},
                                        {"/", "/"},
                                        {"//", "/"},
                                        {"", ""}}));
  CHECK(NormalAppId(c.in) == c.out);
}

}  // namespace
}  // namespace dispatcher
