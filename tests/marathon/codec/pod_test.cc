#include "dispatcher/marathon/codec/pod.h"

#include "tests/marathon/codec/describe.h"
#include "tests/marathon/codec/files.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("pods of every version, sound and broken") {
  for (const auto& file : DataFiles("marathon/pods", ".json")) {
    CheckExpected(file, DescribeElement(DecodePodText(ReadWhole(file))));
  }
}

// A pod whose container "c" declares the endpoints a (host port), b (none) and d
// (host port), with an instance of this version that shows these endpoints.
std::string Pod(const std::string& version, const std::string& endpoints) {
  return R"({"id":"/p","spec":{"id":"/p","version":"V1","networks":[{"mode":"container"}],"containers":[)"
         R"({"name":"c","endpoints":[{"name":"a","containerPort":1,"hostPort":0},)"
         R"({"name":"b","containerPort":2},{"name":"d","containerPort":3,"hostPort":0}]}]},)"
         R"("instances":[{"id":"p.instance-U","specReference":"/v2/pods/p::versions/)" +
         version + R"(","containers":[{"name":"c","status":"TASK_RUNNING","containerId":"p.instance-U.c",)" +
         R"("endpoints":)" + endpoints + "}]}]}";
}

TEST_CASE("a pod's host ports are joined by name, in declared order, all or none") {
  struct Case {
    std::string version, endpoints;
    std::vector<int> ports;
  };
  const std::string a = R"({"name":"a","allocatedHostPort":10})", b = R"({"name":"b"})";
  const std::string d = R"({"name":"d","allocatedHostPort":30})";
  const std::vector<Case> cases = {
      {"V1", "[" + a + "," + d + "," + b + "]", {10, 30}},
      {"V1", "[" + d + "," + b + "," + a + "]", {10, 30}},  // a is checked
      {"V1", "[" + d + "," + b + R"(,{"name":"a"}])", {}},
      {"V1", "[]", {}},
      {"V0", "[" + d + "," + b + "]", {30}},  // a single one can't be mistaken
      {"V0", "[" + a + "," + d + "]", {}},    // which was declared first is not told
  };
  for (const Case& expected : cases) {
    INFO(expected.version << " " << expected.endpoints);
    const auto element = DecodePodText(Pod(expected.version, expected.endpoints));
    REQUIRE(element.ok());
    REQUIRE(element->tasks.size() == 1);
    CHECK(element->tasks[0].ports == expected.ports);
  }
}

TEST_CASE("a bare spec") {
  const auto document = JsonDocument::Parse(
      R"({"id":"/p","version":"2020-01-01T00:00:00.000Z","containers":[{"name":"c","endpoints":[{"name":"e"}]}]})");
  REQUIRE(document.ok());
  const auto spec = DecodePodSpec(document->root());
  REQUIRE(spec.ok());
  CHECK((*spec)->is_pod);
  CHECK((*spec)->id == "/p");
  CHECK((*spec)->version == "2020-01-01T00:00:00.000Z");
  CHECK((*spec)->ports.size() == 1);
  const auto nothing = JsonDocument::Parse("{}");
  REQUIRE(nothing.ok());
  CHECK(Text(DecodePodSpec(nothing->root()).status()).find("pod without id: id is missing") !=
        std::string::npos);
}

}  // namespace
}  // namespace dispatcher
