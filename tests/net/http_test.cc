#include "dispatcher/net/http.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("URLs that are taken") {
  struct Case {
    const char* text;
    const char* origin;
    const char* host;
    const char* path;
  };
  const Case cases[] = {
      {"http://marathon", "http://marathon:80", "marathon", ""},
      {"HTTPS://m.example:8443/", "https://m.example:8443", "m.example", ""},
      {"https://m", "https://m:443", "m", ""},
      {"http://10.0.0.1:8080/mara/thon//", "http://10.0.0.1:8080", "10.0.0.1", "/mara/thon"},
      {"http://[::1]:8500", "http://[::1]:8500", "::1", ""},
      {"http://[fe80::1]/p%20q", "http://[fe80::1]:80", "fe80::1", "/p%20q"},
      {"http://a_b-c.d:65535", "http://a_b-c.d:65535", "a_b-c.d", ""},
  };
  for (const Case& c : cases) {
    INFO(c.text);
    const auto url = Url::Parse(c.text);
    REQUIRE(url.ok());
    CHECK(url->Origin() == c.origin);
    CHECK(url->host == c.host);
    CHECK(url->path == c.path);
  }
}

TEST_CASE("URLs that are refused, without user information in the error") {
  for (const char* const text : {"",
                                 "marathon:8080",
                                 "ftp://m",
                                 "http://",
                                 "http:///v2",
                                 "http://:80",
                                 "http://m:",
                                 "http://m:0",
                                 "http://m:65536",
                                 "http://h:99999999999/",
                                 "http://m:80x",
                                 "http://m:-1",
                                 "http://a:1,b:2",
                                 "http://a,b",
                                 "http://user:hunter2@m",
                                 "http://hunter2@m/",
                                 "http://[::1",
                                 "http://[::1]x",
                                 "http://m/a b",
                                 "http://m/a\r\nX: y",
                                 "http://m?x=hunter2",
                                 "http://m/p#f",
                                 "http://m\r\n"}) {
    INFO(text);
    const auto url = Url::Parse(text);
    REQUIRE(url.status().code() == absl::StatusCode::kInvalidArgument);
    CHECK(Message(url.status()).find("hunter2") == std::string_view::npos);
  }
}

TEST_CASE("one origin is scheme, host without case, port") {
  const auto same = [](const char* a, const char* b) { return Url::Parse(a)->SameOrigin(*Url::Parse(b)); };
  CHECK(same("http://M:80/x", "http://m/y"));
  CHECK_FALSE(same("http://m", "https://m:80"));
  CHECK_FALSE(same("http://m", "http://m:81"));
  CHECK_FALSE(same("http://m", "http://n"));
}

TEST_CASE("path segments can't leave their place") {
  CHECK(HttpPath("/v2/apps", {}) == "/v2/apps");
  CHECK(HttpPath("/v2/apps", {"a b", ".."}) == "/v2/apps/a%20b/%2E%2E");
  CHECK(HttpPath("", {"x/../y?z#", ""}) == "/x%2F..%2Fy%3Fz%23/");
}

TEST_CASE("headers are found without case, the first of a name") {
  const HttpHeaders headers = {{"Location", "a"}, {"location", "b"}, {"X", ""}};
  CHECK(FindHeader(headers, "LOCATION") == "a");
  CHECK(FindHeader(headers, "y") == "");
}

TEST_CASE("header names and values that would break the request are refused") {
  CHECK(CheckHeader("X-Consul-Token", "abc=/+ \t\xC3\xA4").ok());
  const std::pair<std::string, std::string> cases[] = {{"", "v"},
                                                       {"a b", "v"},
                                                       {"a:b", "v"},
                                                       {"a\r\nb", "v"},
                                                       {"A", "v\r\nB: c"},
                                                       {"A", "hunter2\n"},
                                                       {"A", std::string("v\0w", 3)},
                                                       {"A", "\x7f"}};
  for (const auto& [name, value] : cases) {
    const absl::Status status = CheckHeader(name, value);
    CHECK(status.code() == absl::StatusCode::kInvalidArgument);
    CHECK(Message(status).find("hunter2") == std::string_view::npos);
  }
}

}  // namespace
}  // namespace dispatcher
