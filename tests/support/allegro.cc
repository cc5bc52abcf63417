#include "tests/support/allegro.h"

#include <chrono>

#include "dispatcher/base/json.h"
#include "dispatcher/base/pause.h"
#include "dispatcher/net/client.h"

namespace dispatcher::testing {

std::string BodyOf(const AllegroEntry& entry) {
  JsonWriter json;
  json.BeginObject().Field("ID", entry.Id()).Field("Name", entry.name);
  json.Key("Tags").BeginArray().String(entry.tag);
  for (const std::string& tag : entry.tags) {
    json.String(tag);
  }
  json.String("marathon-task:" + entry.task).EndArray();
  json.Field("Port", entry.port).Field("Address", entry.address).Field("EnableTagOverride", false);
  json.Key("Checks").BeginArray();
  if (!entry.check.empty()) {
    json.BeginObject().Field("HTTP", entry.check).Field("Interval", "1s").Field("Timeout", "1s");
    json.Field("Status", "passing").EndObject();
  }
  return json.EndArray().EndObject().Take();
}

PassingWatch::PassingWatch(const std::string& consul_url, const std::string& service)
    : thread_([this, consul_url, service] { Ask(consul_url, service); }) {}

void PassingWatch::Ask(const std::string& consul_url, const std::string& service) {
  HttpClientOptions options;
  options.base = *Url::Parse(consul_url);
  HttpClient client(options);
  HttpRequest request;
  request.target = "/v1/health/service/" + service + "?passing";
  while (!stop_) {
    const absl::StatusOr<HttpResponse> answer = client.Call(request, Cancel());
    const absl::StatusOr<JsonDocument> list =
        answer.ok() && answer->status == 200 ? JsonDocument::Parse(answer->body) : absl::UnknownError("");
    if (!list.ok()) {
      ++failed_;
    } else if (list->root().size() > 0) {
      ++found_;
    } else if (found_ > 0) {
      ++empty_;
    }
    Pause(std::chrono::milliseconds(1), Cancel());
  }
}

std::string PassingWatch::Stop() {
  stop_ = true;
  if (thread_.joinable()) {
    thread_.join();
  }
  return empty_ + failed_ == 0
             ? ""
             : std::to_string(empty_) + " answers without a passing instance, " + std::to_string(failed_) +
                   " without an answer, of " + std::to_string(found_ + empty_ + failed_);
}

}  // namespace dispatcher::testing
