#include "dispatcher/marathon/codec/splitter.h"

#include <vector>

#include "dispatcher/base/json.h"
#include "tests/marathon/codec/files.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

struct Result {
  std::vector<std::string> elements;
  std::vector<size_t> positions;
  std::string error;  // of Finish
  bool operator==(const Result&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Result& result) {
  for (const auto& element : result.elements) {
    out << '<' << element << '>';
  }
  return out << ' ' << result.error;
}

Result Split(std::string_view text, size_t piece, std::string_view key = "apps", size_t max = 1 << 20) {
  ArraySplitter splitter(key, max);
  Result result;
  for (size_t i = 0; i < text.size(); i += piece) {
    const auto status = splitter.Feed(text.substr(i, piece), [&](const SplitElement& element) {
      result.elements.push_back(std::string(element.text) + (element.oversized ? "..." : ""));
      result.positions.push_back(element.position);
    });
    if (!status.ok()) {
      break;
    }
  }
  result.error = Message(splitter.Finish());
  CHECK(splitter.complete() == result.error.empty());
  CHECK(splitter.elements() == result.elements.size());
  return result;
}

struct SplitCase {
  std::string text;
  std::vector<std::string> elements;
  std::string error;
  std::string key = "apps";
};

const SplitCase kSplitCases[] = {
    {R"({"apps":[{"id":"/a"},{"id":"/b"}]})", {R"({"id":"/a"})", R"({"id":"/b"})"}, ""},
    {R"({"apps":[]})", {}, ""},
    {" {\n\"apps\" :\t[ {} , {} ] } \r\n", {"{}", "{}"}, ""},
    {R"({"x":{"apps":[1]},"y":["]}",{"z":"\"]\\"}],"n":null,"m":-1.5e3,"s":"apps","apps":[{}],"t":true})",
     {"{}"},
     ""},
    {R"({"apps":[1,"a,]\"b",null,[[],[{}]],{"a":"}"},true]})",
     {"1", R"("a,]\"b")", "null", "[[],[{}]]", R"({"a":"}"})", "true"},
     ""},
    {R"([{"a":1},{}])", {R"({"a":1})", "{}"}, "", ""},
    {"[]", {}, "", ""},
    {R"({"a\"apps":[1],"\\":{},"apps":[{}]})", {"{}"}, ""},
    {R"({"message":"no"})", {}, R"(the answer has no "apps")"},
    {R"({"\u0061pps":[]})", {}, R"(the answer has no "apps")"},
    {"{}", {}, R"(the answer has no "apps")"},
    {"", {}, "the answer is cut off after 0 bytes"},
    {R"({"apps":[{"id":"/a"},{"id)", {R"({"id":"/a"})"}, "the answer is cut off after 25 bytes"},
    {R"({"apps":[{}])", {"{}"}, "the answer is cut off after 12 bytes"},
    {R"({"apps":[{}]}x)", {"{}"}, "the answer is not JSON at byte 13: something comes after the end"},
    {R"({"apps":null})", {}, "the answer is not JSON at byte 8: expected an array"},
    {R"({"apps":[],"apps":[{}]})", {}, "the answer is not JSON at byte 18: the array is there twice"},
    {R"({"apps":[{},]})", {"{}"}, "the answer is not JSON at byte 12: expected a value"},
    {R"({"apps":[{}{}]})", {"{}"}, "the answer is not JSON at byte 11: expected a comma or the end"},
    {R"({"apps":[,{}]})", {}, "the answer is not JSON at byte 9: expected a value"},
    {R"({"apps":[{"a":[}]})", {}, "the answer is not JSON at byte 15: the wrong bracket"},
    {R"({"apps":[12"a"]})", {}, "the answer is not JSON at byte 11: expected the end of a number or word"},
    {R"({"apps" []})", {}, "the answer is not JSON at byte 8: expected a colon"},
    {R"({apps:[]})", {}, "the answer is not JSON at byte 1: expected a key"},
    {R"({"apps":[],})", {}, "the answer is not JSON at byte 11: expected a key"},
    {"<html>", {}, "the answer is not JSON at byte 0: expected {"},
    {"[]", {}, "the answer is not JSON at byte 0: expected {"},
    {"{}", {}, "the answer is not JSON at byte 0: expected [", ""},
    {R"({"apps":[)" + std::string(65, '[') + "]", {}, "the answer is not JSON at byte 73: nested too deep"},
};

TEST_CASE("documents, whole and in pieces of every size") {
  for (const SplitCase& c : kSplitCases) {
    CAPTURE(c.text);
    const Result whole = Split(c.text, std::max<size_t>(c.text.size(), 1), c.key);
    CHECK(whole.elements == c.elements);
    CHECK(whole.error == c.error);
    for (size_t piece = 1; piece < c.text.size(); ++piece) {
      CAPTURE(piece);
      CHECK(Split(c.text, piece, c.key) == whole);
    }
  }
}

TEST_CASE("an element's position is that of its first byte") {
  const std::string text = R"({"apps": [{}, {"a":1}]})";
  for (const size_t piece : {size_t{1}, size_t{5}, text.size()}) {
    const Result result = Split(text, piece);
    REQUIRE(result.positions.size() == 2);
    CHECK(result.positions[0] == 10);
    CHECK(result.positions[1] == 14);
  }
}

TEST_CASE("an element that is too large costs itself only") {
  const std::string big = R"({"id":"/big","x":")" + std::string(100, 'x') + R"("})";
  const std::string text = R"({"apps":[{"id":"/a"},)" + big + R"(,{"id":"/b"}]})";
  const std::vector<std::string> expected = {R"({"id":"/a"})", big.substr(0, 40) + "...", R"({"id":"/b"})"};
  for (size_t piece = 1; piece <= text.size(); ++piece) {
    CAPTURE(piece);
    const Result result = Split(text, piece, "apps", 40);
    CHECK(result.elements == expected);
    CHECK(result.error.empty());
  }
  CHECK(Split(text, 7, "apps", big.size()).elements[1] == big);
}

TEST_CASE("an error stays") {
  ArraySplitter splitter("apps");
  const auto none = [](const SplitElement&) { FAIL("no element is expected"); };
  const absl::Status first = splitter.Feed("{]", none);
  CHECK(first.code() == absl::StatusCode::kInvalidArgument);
  CHECK(splitter.Feed(R"("apps":[{}]})", none) == first);
  CHECK(splitter.Finish() == first);
}

TEST_CASE("a cut is worth another try, a wrong answer is not") {
  ArraySplitter cut("apps");
  CHECK(cut.Feed(R"({"apps":[)", [](const SplitElement&) {}).ok());
  CHECK(cut.Finish().code() == absl::StatusCode::kUnavailable);
  ArraySplitter wrong("apps");
  CHECK(wrong.Feed(R"({"message":""})", [](const SplitElement&) {}).ok());
  CHECK(wrong.Finish().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("every sound app of the data files survives in pieces") {
  std::string text = R"({"apps":[)";
  std::vector<std::string> apps;
  for (const auto& file : DataFiles("marathon/apps", ".json")) {
    if (!file.stem().string().starts_with("bad-cut")) {
      std::string app = ReadWhole(file);
      app.pop_back();  // the line end
      text += (apps.empty() ? "" : ",") + app;
      apps.push_back(std::move(app));
    }
  }
  text += "]}";
  for (const size_t piece : {1, 2, 3, 7, 64, 1000, 1 << 20}) {
    CHECK(Split(text, piece).elements == apps);
  }
}

}  // namespace
}  // namespace dispatcher
