#include "tests/e2e/frame/http.h"

#include <stdexcept>
#include <utility>

namespace dispatcher::testing {

Http::Http(std::string base_url, HttpHeaders headers) : url_(std::move(base_url)) {
  HttpClientOptions options;
  options.base = Url::Parse(url_).value();
  options.headers = std::move(headers);
  client_ = std::make_unique<HttpClient>(std::move(options));
}

HttpResponse Http::Call(std::string_view method, std::string_view target, std::string body) {
  HttpRequest request;
  request.method = std::string(method);
  request.target = std::string(target);
  request.body = std::move(body);
  auto response = client_->Call(request, Cancel());
  if (!response.ok()) {
    throw std::runtime_error(request.method + " " + url_ + request.target + ": " + Text(response.status()));
  }
  return *std::move(response);
}

std::string Http::Must(std::string_view method, std::string_view target, std::string body) {
  HttpResponse response = Call(method, target, std::move(body));
  if (response.status / 100 != 2) {
    throw std::runtime_error(std::string(method) + " " + url_ + std::string(target) + ": " +
                             std::to_string(response.status) + " " + response.body);
  }
  return std::move(response.body);
}

JsonDocument Http::GetJson(std::string_view target) { return ParseJson(Must("GET", target)); }

bool Http::Answers(std::string_view target) {
  HttpRequest request;
  request.target = std::string(target);
  return client_->Call(request, Cancel()).ok();
}

JsonDocument ParseJson(std::string_view text) {
  auto document = JsonDocument::Parse(text);
  if (!document.ok()) {
    throw std::runtime_error("not JSON (" + Text(document.status()) +
                             "): " + std::string(text.substr(0, 400)));
  }
  return *std::move(document);
}

}  // namespace dispatcher::testing
