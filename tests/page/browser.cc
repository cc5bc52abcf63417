#include "tests/page/browser.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "dispatcher/base/strings.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr auto kOneCall = std::chrono::seconds(90);  // of one call on a busy machine
constexpr int kTallest = 6000;                       // pixels of a screenshot

// The program's path.
std::string Find(const std::string& program) {
  const char* const path = std::getenv("PATH");  // NOLINT(concurrency-mt-unsafe): nobody changes it
  for (const std::string_view folder : Split(path == nullptr ? "/usr/bin" : path, ':')) {
    std::string found = std::string(folder) + "/" + program;
    if (access(found.c_str(), X_OK) == 0) {
      return found;
    }
  }
  throw std::runtime_error("there is no " + program +
                           ": install Debian's chromium and chromium-driver (tests/tools/packages.sh full)");
}

std::string Capabilities(const std::string& chromium, const std::string& home) {
  JsonWriter json;
  json.BeginObject().Key("capabilities").BeginObject().Key("alwaysMatch").BeginObject();
  json.Key("goog:loggingPrefs").BeginObject().Field("browser", "ALL").EndObject();
  json.Key("goog:chromeOptions").BeginObject().Field("binary", chromium).Key("args").BeginArray();
  for (const char* const flag :
       {"--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
        "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--hide-scrollbars"}) {
    json.String(flag);
  }
  json.String("--user-data-dir=" + home);
  json.EndArray().EndObject().EndObject().EndObject().EndObject();
  return json.Take();
}

}  // namespace

Browser::Browser() {
  const std::string chromium = Find("chromium");
  driver_ = Process::Start({Find("chromedriver"), "--port=0"}).value();
  constexpr std::string_view kStarted = "started successfully on port ";
  const absl::Status started = driver_->WaitForOutput(kStarted, kOneCall);
  if (!started.ok()) {
    throw std::runtime_error("chromedriver: " + dispatcher::Text(started));
  }
  std::string port;
  if (!WaitFor([&] {
        const std::string output = driver_->Output();
        const size_t begin = output.find(kStarted) + kStarted.size();
        const size_t end = output.find_first_not_of("0123456789", begin);
        port = end == std::string::npos ? "" : output.substr(begin, end - begin);
        return !port.empty();
      })) {
    throw std::runtime_error("chromedriver names no port: " + driver_->Output());
  }
  HttpClientOptions options;
  options.base = Url::Parse("http://127.0.0.1:" + port).value();
  options.read_timeout = kOneCall;
  options.answer_timeout = kOneCall;
  client_ = std::make_unique<HttpClient>(std::move(options));
  session_ = Call("POST", "", Capabilities(chromium, home_.path())).root()["value"]["sessionId"].StringOr("");
}

Browser::~Browser() {
  HttpRequest request;
  request.method = "DELETE";
  request.target = "/session/" + session_;
  client_->Call(request, Cancel()).IgnoreError();
  driver_->Stop();
}

JsonDocument Browser::Call(std::string_view method, std::string_view what, const std::string& body) {
  HttpRequest request;
  request.method = std::string(method);
  request.target = "/session";
  if (!session_.empty()) {
    request.target.append("/").append(session_).append("/").append(what);
  }
  request.body = body;
  absl::StatusOr<HttpResponse> answer = client_->Call(request, Cancel());
  if (!answer.ok()) {
    throw std::runtime_error(request.target + ": " + dispatcher::Text(answer.status()));
  }
  auto document = JsonDocument::Parse(answer->body);
  if (answer->status != 200 || !document.ok()) {
    throw std::runtime_error(request.target + ": " + answer->body.substr(0, 1000));
  }
  return *std::move(document);
}

void Browser::DevTools(std::string_view command, const std::string& parameters) {
  JsonWriter json;
  json.BeginObject().Field("cmd", command).Key("params").Raw(parameters).EndObject();
  Call("POST", "goog/cdp/execute", json.Take());
}

void Browser::Open(const std::string& url) {
  Call("POST", "url", R"({"url":"about:blank"})");
  JsonWriter json;
  json.BeginObject().Field("url", url).EndObject();
  Call("POST", "url", json.Take());
}

void Browser::Look(int width, int height, bool dark) {
  width_ = width;
  height_ = height;
  JsonWriter size;
  size.BeginObject().Field("width", width).Field("height", height).Field("deviceScaleFactor", 1);
  size.Field("mobile", width < 500).EndObject();
  DevTools("Emulation.setDeviceMetricsOverride", size.Take());
  DevTools("Emulation.setEmulatedMedia",
           dark ? R"({"features":[{"name":"prefers-color-scheme","value":"dark"}]})"
                : R"({"features":[{"name":"prefers-color-scheme","value":"light"}]})");
}

void Browser::Press(const std::vector<std::string>& keys) {
  JsonWriter json;
  json.BeginObject().Key("actions").BeginArray();
  json.BeginObject().Field("type", "key").Field("id", "keys").Key("actions").BeginArray();
  for (const std::string& key : keys) {
    json.BeginObject().Field("type", "keyDown").Field("value", key).EndObject();
    json.BeginObject().Field("type", "keyUp").Field("value", key).EndObject();
  }
  json.EndArray().EndObject().EndArray().EndObject();
  Call("POST", "actions", json.Take());
}

JsonDocument Browser::Run(std::string_view body) {
  JsonWriter json;
  json.BeginObject().Field("script", body).Key("args").BeginArray().EndArray().EndObject();
  return Call("POST", "execute/sync", json.Take());
}

std::string Browser::Soon(std::string_view body, std::chrono::milliseconds limit) {
  if (WaitFor([&] { return Run(body).root()["value"].BoolOr(false); }, limit)) {
    return "";
  }
  return std::string(body) + " is not true of: " + Text("return document.body.innerText");
}

void Browser::Shoot(const std::string& name) {
  const int64_t tall =
      Run("return Math.ceil(document.documentElement.scrollHeight)").root()["value"].IntOr(0);
  const int width = width_, height = height_;
  const bool dark =
      Run("return matchMedia('(prefers-color-scheme: dark)').matches").root()["value"].BoolOr(false);
  Look(width, static_cast<int>(std::clamp<int64_t>(tall, height, kTallest)), dark);
  const std::optional<std::string> png =
      FromBase64(Call("GET", "screenshot", "").root()["value"].StringOr(""));
  Look(width, height, dark);
  std::filesystem::create_directories(SCREENSHOTS);
  std::ofstream(std::string(SCREENSHOTS) + "/" + name + ".png", std::ios::binary) << png.value_or("");
}

std::string Browser::Complaints() {
  std::string complaints;
  Call("POST", "se/log", R"({"type":"browser"})").root()["value"].ForEach([&](JsonView line) {
    const std::string level = line["level"].StringOr("");
    if (level == "SEVERE" || level == "WARNING") {
      complaints.append(line["message"].StringOr("")).append("\n");
    }
  });
  return complaints;
}

}  // namespace dispatcher::testing
