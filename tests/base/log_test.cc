#include "dispatcher/base/log.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <limits>
#include <thread>
#include <utility>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "tests/support/catch.h"
#include "tests/support/stderr.h"

namespace dispatcher {
namespace {

// The same, and the log's defaults back in place.
template <typename Work>
std::string Stderr(Work work) {
  const std::string text = testing::Stderr(std::move(work));
  REQUIRE(ConfigureLog("info", "text").ok());
  return text;
}

TEST_CASE("a text line is time, level, message, fields") {
  const std::string line = Stderr([] {
    LogWarning("gave up",
               {{"app", "/shop/cart"}, {"tries", 3}, {"held", true}, {"why", "two words"}, {"none", ""}});
  });
  REQUIRE(line.size() > 25);
  CHECK(ParseTimestamp(line.substr(0, 24)).has_value());
  CHECK(line.substr(24) == " warning gave up app=/shop/cart tries=3 held=true why=\"two words\" none=\"\"\n");
}

TEST_CASE("nothing in a message or a value breaks out of its line") {
  const auto write = [] { LogInfo("a\nb {} %v", {{"app", "x\ny\" z=1"}, {"bytes", "\x1b[31m\xff"}}); };
  const std::string text = Stderr(write);
  CHECK(text.substr(24) == " info a\\nb {} %v app=\"x\\ny\\\" z=1\" bytes=\"\\u001b[31m\xEF\xBF\xBD\"\n");

  const std::string json = Stderr([&write] {
    REQUIRE(ConfigureLog("info", "json").ok());
    write();
  });
  CHECK(std::count(json.begin(), json.end(), '\n') == 1);
  const auto document = JsonDocument::Parse(json);
  REQUIRE(document.ok());
  CHECK(document->root()["level"].String() == "info");
  CHECK(document->root()["message"].String() == "a\nb {} %v");
  CHECK(document->root()["app"].String() == "x\ny\" z=1");
  CHECK(ParseTimestamp(document->root()["time"].StringOr("")).has_value());
}

TEST_CASE("lines below the level are left out") {
  const std::pair<const char*, size_t> cases[] = {
      {"debug", 4}, {"info", 3}, {"warning", 2}, {"error", 1}, {"off", 0}};
  for (const auto& [level, lines] : cases) {
    INFO(level);
    const std::string text = Stderr([chosen = level] {
      REQUIRE(ConfigureLog(chosen, "text").ok());
      LogDebug("d");
      LogInfo("i");
      LogWarning("w");
      LogError("e");
    });
    CHECK(static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) == lines);
  }
}

TEST_CASE("a wrong level or format names what is allowed and changes nothing") {
  CHECK(Message(ConfigureLog("loud", "text")) ==
        "log level \"loud\": use debug, info, warning, error or off");
  CHECK(Message(ConfigureLog("off", "xml")) == "log format \"xml\": use text or json");
  CHECK_FALSE(Stderr([] { LogInfo("still here"); }).empty());
}

TEST_CASE("what is in force is told in the words that set it") {
  for (const std::string level : {"debug", "info", "warning", "error", "off"}) {
    for (const std::string format : {"text", "json"}) {
      REQUIRE(ConfigureLog(level, format).ok());
      CHECK(ChosenLog().level == level);
      CHECK(ChosenLog().format == format);
    }
  }
  REQUIRE(ConfigureLog("info", "text").ok());
}

TEST_CASE("a field that names a secret does not get out") {
  const std::string text = Stderr([] {
    const pid_t child = fork();
    if (child == 0) {
      std::signal(SIGABRT, SIG_DFL);  // not the test framework's
      LogInfo("read", {{"admin_Token", "hunter2"}});
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
#ifdef NDEBUG
    CHECK(WIFEXITED(status));
#else
    CHECK(WIFSIGNALED(status));
#endif
  });
  CHECK(text.find("hunter2") == std::string::npos);
#ifdef NDEBUG
  CHECK(text.find("admin_Token=\"(hidden)\"") == std::string::npos);
  CHECK(text.find("admin_Token=(hidden)") != std::string::npos);
#endif
}

TEST_CASE("lines of many threads stay whole") {
  const std::string text = Stderr([] {
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([t] {
        for (int i = 0; i < 100; ++i) {
          LogInfo("line", {{"t", t}, {"filler", std::string(200, 'x')}});
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  });
  size_t whole = 0;
  for (const std::string_view line : Split(text, '\n')) {
    whole += line.size() == 24 + std::string_view(" info line t=0 filler=").size() + 200 ? 1 : 0;
  }
  CHECK(whole == 400);
}

TEST_CASE("a failure log says the first, every tenth and the recovery") {
  FailureLog log("reading Consul");
  const std::string text = Stderr([&log] {
    log.Succeeded();
    for (int i = 0; i < 25; ++i) {
      log.Failed(Error(absl::StatusCode::kUnavailable, "refused"), {{"adapter", "consul"}});
    }
    CHECK(log.failures() == 25);
    log.Succeeded();
    log.Succeeded();
  });
  std::string lines;
  for (const std::string_view line : Split(text, '\n')) {
    lines.append(line.empty() ? "" : line.substr(25)).append("\n");
  }
  const auto failed = [](int n) {
    return "warning reading Consul failed adapter=consul error=\"UNAVAILABLE: refused\" failures=" +
           std::to_string(n) + "\n";
  };
  CHECK(lines == failed(1) + failed(10) + failed(20) + "info reading Consul works again failures=25\n\n");
  CHECK(log.failures() == 0);
}

}  // namespace
}  // namespace dispatcher
