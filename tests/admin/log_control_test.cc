// The log's level and form over HTTP.
#include "dispatcher/base/json.h"
#include "dispatcher/base/log.h"
#include "tests/admin/served.h"
#include "tests/support/catch.h"
#include "tests/support/stderr.h"

namespace dispatcher {
namespace {

HttpSettings WithLogToken() {
  HttpSettings settings;
  settings.token = "sesame-open";
  return settings;
}

HttpResponse PutLog(Served& served, const std::string& body,
                    HttpHeaders headers = {{"Authorization", "Bearer sesame-open"}}) {
  HttpClientOptions options;
  options.base = Url::Parse("http://" + served.address()).value();
  HttpRequest request;
  request.method = "PUT";
  request.target = "/v1/log";
  request.headers = std::move(headers);
  request.body = body;
  return HttpClient(options).Call(request, Cancel()).value();
}

TEST_CASE("the log changes for who has the token, from the next line on") {
  Served served(WithLogToken());
  const std::string said = testing::Stderr([&] {
    CHECK(served.Get("/v1/log").body == R"({"level":"info","format":"text"})");
    CHECK(PutLog(served, R"({"level":"debug"})", {}).status == 401);
    LogDebug("not yet");
    const HttpResponse answer = PutLog(served, R"({"level":"debug"})");
    CHECK(answer.status == 200);
    CHECK(answer.body == R"({"level":"debug","format":"text"})");
    LogDebug("now it is");
    CHECK(PutLog(served, R"({"format":"json"})").body == R"({"level":"debug","format":"json"})");
    LogDebug("as JSON");
  });
  CHECK(said.find("not yet") == std::string::npos);
  CHECK(said.find(" debug now it is\n") != std::string::npos);
  CHECK(said.find(R"("message":"as JSON"})") != std::string::npos);
  CHECK(said.find(" warning log changed by=127.0.0.1 level=debug level_before=info format=text\n") !=
        std::string::npos);
  CHECK(said.find("sesame") == std::string::npos);
  REQUIRE(ConfigureLog("info", "text").ok());
}

TEST_CASE("what the log can't be changed to is said, and nothing changes") {
  Served served(WithLogToken());
  for (const auto& [body, says] : std::vector<std::pair<std::string, std::string>>{
           {"", "send what is to change"},
           {"{}", "send what is to change"},
           {"[\"debug\"]", "send what is to change"},
           {R"({"level":"loud"})", "use debug, info, warning, error or off"},
           {R"({"level":"debug","format":"xml"})", "use text or json"},
           {R"({"level":7})", "not a string"},
           {R"({"level":"debug","colour":"red"})", "colour"}}) {
    INFO(body);
    const HttpResponse answer = PutLog(served, body);
    CHECK(answer.status == 400);
    CHECK(JsonDocument::Parse(answer.body)->root()["error"].StringOr("").find(says) != std::string::npos);
    CHECK(ChosenLog().level == "info");
    CHECK(ChosenLog().format == "text");
  }
}

}  // namespace
}  // namespace dispatcher
