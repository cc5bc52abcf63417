// HTTP as a test wants it: an answer or an exception that says what was asked.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "dispatcher/base/json.h"
#include "dispatcher/net/client.h"

namespace dispatcher::testing {

// Throws std::runtime_error where nobody answers. Any thread.
class Http {
 public:
  explicit Http(std::string base_url, HttpHeaders headers = {});

  HttpResponse Call(std::string_view method, std::string_view target, std::string body = "");
  // The body of a 2xx answer; throws for any other.
  std::string Must(std::string_view method, std::string_view target, std::string body = "");
  JsonDocument GetJson(std::string_view target);
  // As Call, but false instead of an exception if nobody answers.
  bool Answers(std::string_view target);

  const std::string& url() const { return url_; }

 private:
  std::string url_;
  std::unique_ptr<HttpClient> client_;
};

JsonDocument ParseJson(std::string_view text);

}  // namespace dispatcher::testing
