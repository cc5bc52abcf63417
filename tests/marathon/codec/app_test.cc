#include "dispatcher/marathon/codec/app.h"

#include "tests/marathon/codec/describe.h"
#include "tests/marathon/codec/files.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("apps of every version, sound and broken") {
  for (const auto& file : DataFiles("marathon/apps", ".json")) {
    CheckExpected(file, DescribeElement(DecodeAppText(ReadWhole(file))));
  }
}

TEST_CASE("what people posted is accepted as it is") {
  for (const auto& file : DataFiles("apps", ".json")) {
    CAPTURE(file.string());
    const auto element = DecodeAppText(ReadWhole(file));
    REQUIRE(element.ok());
    const Definition& definition = *element->definition;
    CHECK(definition.id == "/" + file.stem().string());
    CHECK(definition.network == NetworkMode::kBridge);
    CHECK(definition.has_mappings);
    REQUIRE(definition.ports.size() == 1);
    CHECK(definition.ports[0].host_port == 0);
    CHECK(definition.env.empty());
    CHECK_FALSE(element->has_tasks);
  }
}

TEST_CASE("an id is found in what can't be parsed") {
  struct Case {
    std::string text, id;
  };
  const auto c = GENERATE(values<Case>({
      {R"({"id":"/a/b","instances":)", "/a/b"},
      {R"({ "cmd": "x", "labels": {"id": "/no"}, "id" : "a" )", "/a"},
      {R"({"tasks":[{"id":"/no"}],"deployments":[{"id":"/no"}],"id":"/a"})", "/a"},
      {R"({"id":{"x":"/no"},"id":"/a"})", "/a"},
      {R"({"id":7,"b":"/no"})", ""},
      {R"({"cmd":"\"id\":\"/no\"","id":"/a"})", "/a"},
      {R"({"cmd":"id","x":"/no"})", ""},
      {R"({"id":"/cut)", ""},
      {R"({"id":"/cut\)", ""},
      {R"(["id"])", ""},
      {"", ""},
      {"]]}}", ""},
  }));
  CAPTURE(c.text);
  CHECK(SalvageId(c.text) == c.id);
}

TEST_CASE("an app nested too deep is named") {
  const std::string deep = R"({"id":"/deep","x":)" + std::string(100, '[') + std::string(100, ']') + "}";
  CHECK_FALSE(DecodeAppText(deep).ok());
  CHECK(SalvageId(deep) == "/deep");
}

}  // namespace
}  // namespace dispatcher
