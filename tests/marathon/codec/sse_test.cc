#include "dispatcher/marathon/codec/sse.h"

#include <random>
#include <vector>

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

struct Seen {
  std::string type, data;
  bool oversized = false;
  bool operator==(const Seen&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << '[' << seen.type << '|' << seen.data << (seen.oversized ? "|oversized]" : "]");
}

std::vector<Seen> Parse(SseParser& parser, std::string_view bytes) {
  std::vector<Seen> events;
  parser.Feed(bytes, [&](const SseEvent& event) {
    events.push_back({std::string(event.type), std::string(event.data), event.oversized});
  });
  return events;
}

struct SseCase {
  std::string name, bytes;
  std::vector<Seen> events;
  uint64_t heartbeats = 0;
};

const SseCase kSseCases[] = {
    {"Jetty", "event: a\r\ndata: {}\r\n\r\n", {{"a", "{}"}}},
    {"heartbeats are no events", "\r\n\r\nevent: a\r\ndata: 1\r\n\r\n\r\n", {{"a", "1"}}, 3},
    {"before 0.11 there is no event line", "data: 1\r\n\r\n", {{"", "1"}}},
    {"Akka: data first, LF, no blank, empty heartbeats",
     "data:1\nevent:a\n\ndata:\n\ndata:2\nevent:b\n\n",
     {{"a", "1"}, {"b", "2"}},
     1},
    {"CR alone", "event: a\rdata: 1\r\rdata: 2\r\r", {{"a", "1"}, {"", "2"}}},
    {"line ends mixed", "event: a\ndata: 1\r\n\rdata: 2\n\r\n", {{"a", "1"}, {"", "2"}}},
    {"several data lines", "data: 1\ndata:\ndata: 3\n\n", {{"", "1\n\n3"}}},
    {"data without colon", "data\ndata: 2\n\n", {{"", "\n2"}}},
    {"one blank is taken off, no more", "data:  1 \n\n", {{"", " 1 "}}},
    {"comments, id, retry, unknown fields", ": hi\nid: 7\nretry: 1\nfoo: x\ndata: 1\n\n", {{"", "1"}}},
    {"a comment alone is a sign of life", ":\n\n", {}, 1},
    {"the last type counts", "event: a\nevent: b\ndata: 1\n\n", {{"b", "1"}}},
    {"a type does not outlive its event", "event: a\n\ndata: 1\n\n", {{"", "1"}}, 1},
    {"byte order mark",
     "\xEF\xBB\xBF"
     "data: 1\n\n",
     {{"", "1"}}},
    {"half a byte order mark is a field's name",
     "\xEF\xBB"
     "data: 1\ndata: 2\n\n",
     {{"", "2"}}},
    {"a second byte order mark is a field's name",
     "\xEF\xBB\xBF\xEF\xBB\xBF"
     "data: 1\n\n",
     {},
     1},
    {"an unfinished line", "data: 1\n\ndata: 2", {{"", "1"}}},
    {"an unfinished event", "data: 1\n\ndata: 2\n", {{"", "1"}}},
    {"no space in the name", "data : 1\n\n", {}, 1},
    {"colons in data", "data: {\"a\":\"b: c\"}\n\n", {{"", "{\"a\":\"b: c\"}"}}},
    {"nothing", "", {}},
};

TEST_CASE("streams in all dialects, whole") {
  for (const SseCase& c : kSseCases) {
    CAPTURE(c.name);
    SseParser parser;
    CHECK(Parse(parser, c.bytes) == c.events);
    CHECK(parser.heartbeats() == c.heartbeats);
  }
}

TEST_CASE("any split of the bytes gives the same events") {
  for (const SseCase& c : kSseCases) {
    CAPTURE(c.name);
    for (size_t cut = 0; cut <= c.bytes.size(); ++cut) {
      SseParser parser;
      auto events = Parse(parser, std::string_view(c.bytes).substr(0, cut));
      const auto rest = Parse(parser, std::string_view(c.bytes).substr(cut));
      events.insert(events.end(), rest.begin(), rest.end());
      CHECK(events == c.events);
      CHECK(parser.heartbeats() == c.heartbeats);
    }
    SseParser bytewise;
    std::vector<Seen> events;
    for (const char byte : c.bytes) {
      const auto some = Parse(bytewise, {&byte, 1});
      events.insert(events.end(), some.begin(), some.end());
    }
    CHECK(events == c.events);
  }
}

TEST_CASE("random bytes, randomly split, with limits, give the same events") {
  std::mt19937 random(7);
  const std::vector<std::string> words = {"data: ", "data", "event: ", ":",          "\r",
                                          "\n",     "\r\n", "x",       "long text ", "\xEF\xBB\xBF",
                                          "\xEF",   "\n\n", " "};
  for (int round = 0; round < 500; ++round) {
    std::string bytes;
    for (int i = 0; i < 60; ++i) {
      bytes += words[random() % words.size()];
    }
    const SseLimits limits{20, 30};
    SseParser whole(limits);
    const auto expected = Parse(whole, bytes);
    SseParser parts(limits);
    std::vector<Seen> events;
    for (size_t i = 0; i < bytes.size();) {
      const size_t n = 1 + random() % 7;
      const auto some = Parse(parts, std::string_view(bytes).substr(i, n));
      events.insert(events.end(), some.begin(), some.end());
      i += n;
    }
    CAPTURE(round);
    CHECK(events == expected);
    CHECK(parts.heartbeats() == whole.heartbeats());
    CHECK(parts.mid_event() == whole.mid_event());
  }
}

TEST_CASE("irregularity 48: heartbeats are no events, and a line may be longer than any buffer") {
  const std::string data = "{\"plan\":\"" + std::string(1 << 20, 'x') + "\"}";
  const std::string stream = "\r\n\r\nevent: deployment_info\r\ndata: " + data + "\r\n\r\n\r\n" + "data:\n\n";
  for (const size_t piece : {size_t{1}, size_t{4096}, stream.size()}) {
    SseParser parser;
    std::vector<std::string> seen;
    for (size_t at = 0; at < stream.size(); at += piece) {
      parser.Feed(std::string_view(stream).substr(at, piece), [&](const SseEvent& event) {
        CHECK(event.type == "deployment_info");
        CHECK_FALSE(event.oversized);
        seen.emplace_back(event.data);
      });
    }
    CHECK(seen == std::vector<std::string>{data});
    CHECK(parser.heartbeats() == 4);
  }
}

TEST_CASE("what is too large is reported and the next event is read") {
  const std::string big(50, 'x');
  SECTION("a line") {
    SseParser parser({40, 1000});
    CHECK(Parse(parser, "event: a\ndata: " + big + "\ndata: 1\n\ndata: 2\n\n") ==
          std::vector<Seen>{{"a", "", true}, {"", "2"}});
  }
  SECTION("all data together") {
    SseParser parser({40, 100});
    const std::string line = "data: " + std::string(30, 'x') + "\n";
    CHECK(Parse(parser, line + line + line + line + "event: a\n\ndata: 2\n\n") ==
          std::vector<Seen>{{"a", "", true}, {"", "2"}});
  }
  SECTION("exactly as large as allowed") {
    const std::string most(20, 'x');
    SseParser lines({26, 100});
    CHECK(Parse(lines, "data: " + most + "\n\n") == std::vector<Seen>{{"", most}});
    CHECK(Parse(lines, "data: x" + most + "\n\n") == std::vector<Seen>{{"", "", true}});
    SseParser events({100, 20});
    CHECK(Parse(events, "data:" + most + "\n\n") == std::vector<Seen>{{"", most}});
    CHECK(Parse(events, "data:x" + most + "\n\n") == std::vector<Seen>{{"", "", true}});
    CHECK(Parse(events, "data:123456789\ndata:1234567890\n\n") ==
          std::vector<Seen>{{"", "123456789\n1234567890"}});
    CHECK(Parse(events, "data:1234567890\ndata:1234567890\n\n") == std::vector<Seen>{{"", "", true}});
  }
}

TEST_CASE("nothing of one connection reaches the next") {
  for (const std::string cut :
       {"event: a\ndata: 1", "event: a\ndata: 1\n", "event: a\r", "\xEF\xBB", "data: 1\r"}) {
    CAPTURE(cut);
    SseParser parser;
    CHECK(Parse(parser, cut).empty());
    CHECK(parser.mid_event() == (cut != "\xEF\xBB"));
    parser.Reset();
    CHECK_FALSE(parser.mid_event());
    CHECK(Parse(parser,
                "\xEF\xBB\xBF"
                "\ndata: 2\n\n") == std::vector<Seen>{{"", "2"}});
    CHECK(parser.heartbeats() == 1);
  }
}

}  // namespace
}  // namespace dispatcher
