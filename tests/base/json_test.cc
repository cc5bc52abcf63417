#include "dispatcher/base/json.h"

#include <limits>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

JsonDocument Parsed(std::string_view text) {
  auto document = JsonDocument::Parse(text);
  INFO(text << " " << Text(document.status()));
  REQUIRE(document.ok());
  return *std::move(document);
}

TEST_CASE("a view gives a value of exactly that type or nothing") {
  struct Case {
    const char* json;
    std::string_view type;
    std::optional<int64_t> integer;
    std::optional<double> number;
    std::optional<bool> boolean;
    std::optional<std::string_view> string;
  };
  const Case cases[] = {
      {"7", "number", 7, 7.0, {}, {}},
      {"-1", "number", -1, -1.0, {}, {}},
      {"4294967297", "number", 4294967297, 4294967297.0, {}, {}},
      {"9223372036854775807", "number", 9223372036854775807, 0x1p63, {}, {}},
      {"9223372036854775808", "number", {}, 0x1p63, {}, {}},
      {"18446744073709551616", "number", {}, 0x1p64, {}, {}},
      {"-9223372036854775808", "number", std::numeric_limits<int64_t>::min(), -0x1p63, {}, {}},
      {"3.0", "number", 3, 3.0, {}, {}},
      {"3.99", "number", {}, 3.99, {}, {}},
      {"1e300", "number", {}, 1e300, {}, {}},
      {"true", "boolean", {}, {}, true, {}},
      {"false", "boolean", {}, {}, false, {}},
      {"\"1\"", "string", {}, {}, {}, "1"},
      {"\"\"", "string", {}, {}, {}, ""},
      {"null", "null", {}, {}, {}, {}},
      {"[1]", "array", {}, {}, {}, {}},
      {"{\"a\":1}", "object", {}, {}, {}, {}},
  };
  for (const Case& c : cases) {
    INFO(c.json);
    const JsonDocument document = Parsed(c.json);
    const JsonView view = document.root();
    CHECK(view.TypeName() == c.type);
    CHECK(view.Int() == c.integer);
    CHECK(view.Double() == c.number);
    CHECK(view.Bool() == c.boolean);
    CHECK(view.String() == c.string);
    CHECK(view.IsNull() == (c.type == "null"));
    CHECK(view.IsArray() == (c.type == "array"));
    CHECK(view.IsObject() == (c.type == "object"));
  }
}

TEST_CASE("a view of nothing answers like null, however long the chain") {
  const JsonDocument document = Parsed(R"({"a":{"list":[10,20]},"n":null,"s":"x"})");
  const JsonView root = document.root();
  for (const JsonView none : {JsonView(), root["no"], root["no"]["way"], root["s"]["x"],
                              root["a"]["list"].At(2), root["a"]["list"]["x"]}) {
    CHECK_FALSE(none.exists());
    CHECK(none.IsNull());
    CHECK(none.size() == 0);
    CHECK(none.TypeName() == "nothing");
    CHECK(none.StringOr("else") == "else");
    CHECK(none.IntOr(5) == 5);
    CHECK(none.BoolOr(true));
    CHECK(none.Dump() == "null");
  }
  CHECK(root["n"].exists());
  CHECK(root["n"].IsNull());
  CHECK(root["a"]["list"].At(1).Int() == 20);
  CHECK(root["s"].StringOr("else") == "x");
}

TEST_CASE("members come sorted, of doubled keys the last, keys in any order are found") {
  const JsonDocument document = Parsed(R"({"z":1,"a":[{"k":1,"k":2},[],{}],"m":{"":3},"a2":4,"z":{"y":5}})");
  const JsonView root = document.root();
  CHECK(root.size() == 4);
  CHECK(root.Dump() == R"({"a":[{"k":2},[],{}],"a2":4,"m":{"":3},"z":{"y":5}})");
  CHECK(root["z"]["y"].Int() == 5);
  CHECK(root["m"][""].Int() == 3);
  CHECK(root.At(1).Int() == 4);
  std::string keys;
  root.ForEachMember([&keys](std::string_view key, JsonView) { keys.append(key).append(" "); });
  CHECK(keys == "a a2 m z ");
  size_t elements = 0;
  root["a"].ForEach([&elements](JsonView) { ++elements; });
  root["z"].ForEach([&elements](JsonView) { elements += 100; });
  root["a"].ForEachMember([&elements](std::string_view, JsonView) { elements += 100; });
  CHECK(elements == 3);
}

TEST_CASE("a document keeps its values when it moves and when the text has gone") {
  std::string text = R"({"id":"/shop/cart","uni":"\u00e4\ud83d\ude00\n"})";
  JsonDocument first = Parsed(text);
  text.assign(text.size(), 'x');
  const JsonView view = first.root();
  const JsonDocument second = std::move(first);
  CHECK(view["id"].String() == "/shop/cart");
  CHECK(second.root()["uni"].String() == "\xC3\xA4\xF0\x9F\x98\x80\n");
}

TEST_CASE("what is not JSON is refused with its place and without its text") {
  const char* const cases[] = {"",
                               "{",
                               "[1,]",
                               R"({"password":"hunter2)",
                               R"({"password":"hunter2"} hunter2)",
                               R"({"password":hunter2})",
                               "hunter2",
                               "\"hunter2\xff\"",
                               "1e400",
                               "nan",
                               "{'hunter2':1}",
                               "// hunter2\n1"};
  for (const char* const text : cases) {
    INFO(text);
    const absl::Status status = JsonDocument::Parse(text).status();
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(Message(status).find("not JSON at byte ") == 0);
    CHECK(Message(status).find("hunter2") == std::string_view::npos);
  }
  CHECK(Message(JsonDocument::Parse("[1,x]").status()) == "not JSON at byte 4 of 5");
}

TEST_CASE("a NUL byte is no end of the text") {
  CHECK(absl::IsInvalidArgument(JsonDocument::Parse(std::string_view("[]\0", 3)).status()));
  CHECK(absl::IsInvalidArgument(JsonDocument::Parse(std::string_view("[]\0 garbage", 11)).status()));
  CHECK(absl::IsInvalidArgument(JsonDocument::Parse(std::string_view("[\"a\0\"]", 6)).status()));
  CHECK(JsonDocument::Parse("[\"a\\u0000\"]").ok());
}

TEST_CASE("nesting is capped while parsing") {
  const auto nested = [](size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(JsonDocument::Parse(nested(64)).ok());
  CHECK(Message(JsonDocument::Parse(nested(65)).status()) == "JSON nested deeper than 64 levels at byte 65");
  CHECK(Message(JsonDocument::Parse(R"({"[[\"{":[{"a":[1]}]})", 3).status()) ==
        "JSON nested deeper than 3 levels at byte 16");
  CHECK(JsonDocument::Parse(R"({"[[\"{":[{"a":[1]}]})", 4).ok());
  CHECK_FALSE(JsonDocument::Parse(std::string(1'000'000, '[')).ok());
  CHECK(JsonDocument::Parse(nested(100'000), 100'000).ok());  // destroying does not recurse
}

TEST_CASE("the writer puts commas, escapes and numbers right") {
  JsonWriter out;
  out.BeginObject()
      .Field("s", "a\"b\\c\n\r\t\x01/\x7f")
      .Field("i", int64_t{-5})
      .Field("u", uint16_t{65535})
      .Field("b", true)
      .Field("d", 0.1)
      .Field("whole", 3.0)
      .Field("inf", std::numeric_limits<double>::infinity());
  out.Key("list").BeginArray().Int(1).String("x").Null().BeginArray().EndArray().BeginObject().EndObject();
  out.Raw(R"({"raw":1})").Bool(false).EndArray();
  out.Field("k\"ey", std::string("v")).EndObject();
  CHECK(out.text() == R"({"s":"a\"b\\c\n\r\t\u0001/)"
                      "\x7f"
                      R"(","i":-5,"u":65535,"b":true,"d":0.1,"whole":3,"inf":null,"list":[1,"x",null,[],{},)"
                      R"({"raw":1},false],"k\"ey":"v"})");
  CHECK(JsonDocument::Parse(out.text()).ok());
  out.Take();
  CHECK(out.BeginArray().EndArray().Take() == "[]");  // ready for the next value
}

TEST_CASE("invalid UTF-8 becomes U+FFFD, valid UTF-8 stays") {
  const std::string bad = "\xEF\xBF\xBD";
  const std::pair<std::string, std::string> cases[] = {
      {"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80", "\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80"},
      {"a\xFFz", "a" + bad + "z"},
      {"\xC3", bad},
      {"\xC3\"", bad + "\\\""},
      {"\xC0\xAF", bad + bad},                      // overlong
      {"\xE0\x80\x80", bad + bad + bad},            // overlong
      {"\xED\xA0\x80", bad + bad + bad},            // surrogate
      {"\xF4\x90\x80\x80", bad + bad + bad + bad},  // beyond U+10FFFF
      {"\xF0\x9F\x98", bad + bad + bad},            // cut
      {std::string("a\0b", 3), "a\\u0000b"},
  };
  for (const auto& [in, expected] : cases) {
    const std::string out = JsonWriter().String(in).Take();
    CHECK(out == '"' + expected + '"');
    CHECK(JsonDocument::Parse(out).ok());
  }
}

TEST_CASE("what is dumped parses to the same again") {
  const char* const texts[] = {R"({"a":[1,-2.5,true,null,"\u0000x"],"b":{}})", "[]", "\"\"", "1e+300", "0.1"};
  for (const char* const text : texts) {
    const JsonDocument document = Parsed(text);
    const std::string dumped = document.root().Dump();
    CHECK(dumped == text);
  }
}

}  // namespace
}  // namespace dispatcher
