#include "dispatcher/base/strings.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using Parts = std::vector<std::string_view>;

TEST_CASE("Split keeps empty parts") {
  CHECK(Split("", ',') == Parts{""});
  CHECK(Split("a", ',') == Parts{"a"});
  CHECK(Split("a,,b,", ',') == Parts{"a", "", "b", ""});
}

TEST_CASE("Trim takes blanks off both ends") {
  CHECK(Trim("") == "");
  CHECK(Trim(" \t\r\n") == "");
  CHECK(Trim(" a b\n") == "a b");
}

TEST_CASE("case is ASCII only") {
  CHECK(Lower("AbZ-\xC3\x84[") == "abz-\xC3\x84[");
  CHECK(EqualsIgnoreCase("Content-TYPE", "content-type"));
  CHECK_FALSE(EqualsIgnoreCase("abc", "ab"));
  CHECK_FALSE(EqualsIgnoreCase("[", "{"));
}

TEST_CASE("ParseInt takes a whole number and nothing else") {
  CHECK(ParseInt("0") == 0);
  CHECK(ParseInt("-17") == -17);
  CHECK(ParseInt("9223372036854775807") == 9223372036854775807);
  for (const char* const text : {"", "-", "+1", " 1", "1 ", "1x", "0x1", "1.0", "9223372036854775808"}) {
    INFO(text);
    CHECK_FALSE(ParseInt(text).has_value());
  }
}

TEST_CASE("Base64 there and back") {
  const std::string bytes("\0\xff:~", 4);
  CHECK(Base64(bytes) == "AP86fg==");
  CHECK(Base64("") == "");
  CHECK(FromBase64("AP86fg==") == bytes);
  CHECK(FromBase64("AP86fg") == bytes);
  CHECK(FromBase64("") == "");
  CHECK(FromBase64("not base64!") == std::nullopt);
}

TEST_CASE("IP literals are told from names") {
  CHECK(IsIpLiteral("10.0.0.1"));
  CHECK(IsIpLiteral("fd00::1"));
  CHECK_FALSE(IsIpLiteral("agent1.example.com"));
  CHECK_FALSE(IsIpLiteral("[fd00::1]"));
  CHECK_FALSE(IsIpLiteral(""));
}

TEST_CASE("Count knows one from many") {
  CHECK(Count(0, "app is", "apps are") == "0 apps are");
  CHECK(Count(1, "app is", "apps are") == "1 app is");
  CHECK(Count(2, "app is", "apps are") == "2 apps are");
}

TEST_CASE("PercentEncode makes one segment of anything") {
  CHECK(PercentEncode("aZ09-._~") == "aZ09-._~");
  CHECK(PercentEncode("a b/c?d#e%") == "a%20b%2Fc%3Fd%23e%25");
  CHECK(PercentEncode("\xC3\xA4\r\n") == "%C3%A4%0D%0A");
  CHECK(PercentEncode(".") == "%2E");
  CHECK(PercentEncode("..") == "%2E%2E");
  CHECK(PercentEncode("...") == "...");
  CHECK(PercentEncode("") == "");
}

TEST_CASE("timestamps in every legal dress") {
  const std::pair<const char*, WallMs> cases[] = {
      {"1970-01-01T00:00:00Z", 0},
      {"1970-01-01T00:00:00.001Z", 1},
      {"2015-09-30T12:44:30.061Z", 1443617070061},
      {"2015-09-30T12:44:30.06Z", 1443617070060},
      {"2015-09-30T12:44:30.061999999Z", 1443617070061},
      {"2015-09-30T12:44:30Z", 1443617070000},
      {"2015-09-30t12:44:30z", 1443617070000},
      {"2015-09-30T14:44:30.061+02:00", 1443617070061},
      {"2015-09-30T07:14:30.061-05:30", 1443617070061},
      {"2016-02-29T00:00:00Z", 1456704000000},
      {"2016-12-31T23:59:60Z", 1483228800000},
      {"1969-12-31T23:59:59.999Z", -1},
  };
  for (const auto& [text, expected] : cases) {
    INFO(text);
    CHECK(ParseTimestamp(text) == expected);
  }
}

TEST_CASE("what is not a timestamp is refused") {
  for (const char* const text : {"",
                                 "infinite-future",
                                 "2015-09-30",
                                 "2015-09-30T12:44:30",
                                 "2015-09-30T12:44:30.Z",
                                 "2015-02-30T00:00:00Z",
                                 "2015-13-01T00:00:00Z",
                                 "2015-00-01T00:00:00Z",
                                 "2015-09-30T24:00:00Z",
                                 "2015-09-30T12:60:00Z",
                                 "2015-09-30T12:44:61Z",
                                 " 2015-09-30T12:44:30Z",
                                 "2015-09-30T12:44:30Z ",
                                 "2015-09-30T12:44:30+0200",
                                 "2015-09-30T12:44:30+24:00",
                                 "15-09-30T12:44:30Z",
                                 "2015-09-30 12:44:30Z",
                                 "2015-9-30T12:44:30Z",
                                 "2015-09-30T12:44:30.061+02:00x",
                                 "+015-09-30T12:44:30Z",
                                 "0000-00-00T00:00:00Z"}) {
    INFO(text);
    CHECK_FALSE(ParseTimestamp(text).has_value());
  }
}

TEST_CASE("a formatted stamp is read back as it was") {
  CHECK(FormatTimestamp(0) == "1970-01-01T00:00:00.000Z");
  CHECK(FormatTimestamp(1443617070061) == "2015-09-30T12:44:30.061Z");
  for (const WallMs ms : {WallMs{-1}, WallMs{1456704000005}, WallMs{4102444800000}}) {
    CHECK(ParseTimestamp(FormatTimestamp(ms)) == ms);
  }
}

TEST_CASE("Fnv1a is the published function and chains through its seed") {
  CHECK(Fnv1a("") == 0xcbf29ce484222325ULL);
  CHECK(Fnv1a("a") == 0xaf63dc4c8601ec8cULL);
  CHECK(Fnv1a("foobar") == 0x85944171f73967e8ULL);
  CHECK(Fnv1a("bar", Fnv1a("foo")) == Fnv1a("foobar"));
}

TEST_CASE("Hex pads and cuts from the left") {
  CHECK(Hex(0) == "0000000000000000");
  CHECK(Hex(0xdeadbeefULL) == "00000000deadbeef");
  CHECK(Hex(0xdeadbeefULL, 4) == "beef");
}

TEST_CASE("Nearest suggests slips, not other words") {
  const std::vector<std::string> keys = {"marathon", "services", "adapters", "owner", "log"};
  CHECK(Nearest("maraton", keys) == "marathon");
  CHECK(Nearest("service", keys) == "services");
  CHECK(Nearest("adpaters", keys) == "adapters");
  CHECK(Nearest("lag", keys) == "log");
  CHECK(Nearest("debgu", {"debug", "info"}) == "debug");
  CHECK(Nearest("mara", keys) == "marathon");
  CHECK(Nearest("log.lev", {"log.level", "log.format"}) == "log.level");
  CHECK_FALSE(Nearest("log.", {"log.level", "log.format"}).has_value());
  CHECK_FALSE(Nearest("", keys).has_value());
  CHECK_FALSE(Nearest("kubernetes", keys).has_value());
  CHECK_FALSE(Nearest("x", {}).has_value());
}

}  // namespace
}  // namespace dispatcher
