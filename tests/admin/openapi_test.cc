// /openapi.json says what the server answers: each path is asked, and each answer looked
// through for members that the document lacks, and the other way round.
#include <set>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "tests/admin/served.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

class Document {
 public:
  explicit Document(JsonView root) : root_(root) {}

  // "" or the first difference, with where it is.
  std::string Differs(JsonView schema, JsonView value, const std::string& at) const {
    if (const std::string ref = schema["$ref"].StringOr(""); !ref.empty()) {
      return Differs(root_["components"]["schemas"][ref.substr(ref.rfind('/') + 1)], value, at);
    }
    const std::string type = schema["type"].StringOr("?");
    const bool fits = type == "object"    ? value.IsObject()
                      : type == "array"   ? value.IsArray()
                      : type == "string"  ? value.String().has_value()
                      : type == "integer" ? value.Int().has_value()
                      : type == "number"  ? value.Double().has_value()
                      : type == "boolean" ? value.Bool().has_value()
                                          : false;
    if (!fits) {
      return at + " is no " + type + ": " + value.Dump();
    }
    std::string difference;
    if (schema["enum"].size() > 0) {
      bool listed = false;
      schema["enum"].ForEach([&](JsonView word) { listed = listed || word.String() == value.String(); });
      difference = listed ? "" : at + ": " + value.Dump() + " is not listed";
    }
    const auto note = [&](const std::string& found) { difference = difference.empty() ? found : difference; };
    value.ForEach([&](JsonView item) { note(Differs(schema["items"], item, at + "[]")); });
    if (schema["properties"].exists()) {
      value.ForEachMember([&](std::string_view key, JsonView member) {
        const JsonView property = schema["properties"][key];
        const std::string where = at + "." + std::string(key);
        note(property.exists() ? Differs(property, member, where) : where + " is not in the document");
      });
      schema["required"].ForEach([&](JsonView key) {
        note(value[*key.String()].exists() ? "" : at + "." + key.StringOr("") + " is missing");
      });
    }
    return difference;
  }

  // Of the answer of that status to a call, or of nothing.
  JsonView Schema(const std::string& path, std::string_view method, int status) const {
    return root_["paths"][path][method]["responses"][std::to_string(status)]["content"]["application/json"]
                ["schema"];
  }

 private:
  JsonView root_;
};

TEST_CASE("each answer is as the document says") {
  Served served;
  served.source.report.leader.elected = true;
  served.source.report.leader.permit_left = std::chrono::seconds(4);
  served.source.report.leader.holder = Holder{"dispatcher", "host-1", 7, "10.0.0.1:8090"};
  served.source.report.reads.last_snapshot_age = std::chrono::seconds(3);
  const auto parsed = JsonDocument::Parse(served.Get("/openapi.json").body);
  REQUIRE(parsed.ok());
  const Document document(parsed->root());
  struct Case {
    const char *path, *method, *target;
    int status;
  };
  const Case cases[] = {
      {"/healthz", "get", "/healthz", 200},
      {"/readyz", "get", "/readyz", 200},
      {"/openapi.json", "get", "/openapi.json", 200},
      {"/v1/status", "get", "/v1/status", 200},
      {"/v1/apps", "get", "/v1/apps", 200},
      {"/v1/apps/{id}", "get", "/v1/apps/shop/cart", 200},
      {"/v1/apps/{id}", "get", "/v1/apps/shop/card", 404},
      {"/v1/services", "get", "/v1/services", 200},
      {"/v1/adapters", "get", "/v1/adapters", 200},
      {"/v1/plan", "get", "/v1/plan", 200},
      {"/v1/decisions", "get", "/v1/decisions", 200},
      {"/v1/decisions", "get", "/v1/decisions?x=1", 400},
      {"/v1/events", "get", "/v1/events?x=1", 400},
      {"/v1/log", "get", "/v1/log", 200},
      {"/v1/log", "put", "/v1/log", 403},
      {"/v1/release", "post", "/v1/release", 403},
  };
  std::set<std::string> asked;
  for (const Case& c : cases) {
    INFO(c.method << " " << c.target);
    const HttpResponse answer = served.Call(c.method == std::string("get")   ? "GET"
                                            : c.method == std::string("put") ? "PUT"
                                                                             : "POST",
                                            c.target);
    CHECK(answer.status == c.status);
    const auto body = JsonDocument::Parse(answer.body);
    REQUIRE(body.ok());
    const JsonView schema = document.Schema(c.path, c.method, c.status);
    REQUIRE(schema.exists());
    CHECK(document.Differs(schema, body->root(), c.path) == "");
    asked.insert(c.path);
  }
  parsed->root()["paths"].ForEachMember([&](std::string_view path, JsonView) {
    INFO(path);
    CHECK((asked.contains(std::string(path)) || path == "/metrics"));
  });
  // The page names all of them that a browser can ask.
  const std::string page = served.Get("/").body;
  for (const std::string& path : asked) {
    CHECK((path == "/v1/release" || page.find(path.substr(0, path.find("/{"))) != std::string::npos));
  }
}

TEST_CASE("a released removal is answered as the document says") {
  HttpSettings settings;
  settings.token = "sesame-open";
  Served served(settings);
  const auto parsed = JsonDocument::Parse(served.Get("/openapi.json").body);
  const Document document(parsed->root());
  const HttpResponse answer = served.Call("POST", "/v1/release", {{"Authorization", "Bearer sesame-open"}});
  CHECK(answer.status == 200);
  const auto body = JsonDocument::Parse(answer.body);
  CHECK(document.Differs(document.Schema("/v1/release", "post", 200), body->root(), "answer") == "");
}

}  // namespace
}  // namespace dispatcher
