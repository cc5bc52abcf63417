#include "dispatcher/config/values.h"

#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("Durations have a unit and go both ways") {
  struct Case {
    std::string text;
    int64_t ms;
    std::string shown;
  };
  for (const Case& c : std::vector<Case>{{"60s", 60000, "1m"},
                                         {"1m30s", 90000, "1m30s"},
                                         {"250ms", 250, "250ms"},
                                         {"0s", 0, "0s"},
                                         {"1.5h", 5400000, "1h30m"}}) {
    INFO(c.text);
    const auto duration = ParseDuration(c.text);
    REQUIRE(duration.ok());
    CHECK(*duration == std::chrono::milliseconds(c.ms));
    CHECK(FormatDuration(*duration) == c.shown);
    CHECK(*ParseDuration(c.shown) == *duration);
  }
  for (const char* bad : {"", "60", "0", "s", "-1s", "1 s", "inf", "1d", "999999999h", "60s,"}) {
    INFO(bad);
    CHECK_FALSE(ParseDuration(bad).ok());
  }
}

TEST_CASE("Addresses to listen on") {
  struct Case {
    std::string text, host;
    int port;
  };
  for (const Case& c : std::vector<Case>{{"127.0.0.1:8090", "127.0.0.1", 8090},
                                         {"[::1]:0", "::1", 0},
                                         {"localhost:65535", "localhost", 65535}}) {
    const auto address = ParseListen(c.text);
    REQUIRE(address.ok());
    CHECK(address->host == c.host);
    CHECK(address->port == c.port);
  }
  for (const char* bad :
       {"", "8090", ":8090", "a:65536", "a:-1", "a:x", "::1:80", "[]:80", "http://a:80", "a b:80"}) {
    INFO(bad);
    CHECK_FALSE(ParseListen(bad).ok());
  }
}

}  // namespace
}  // namespace dispatcher
