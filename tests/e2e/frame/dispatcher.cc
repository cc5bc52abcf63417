#include "tests/e2e/frame/dispatcher.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "tests/support/series.h"

namespace dispatcher::testing {

void PrintEnd(std::string_view name, std::string_view log, size_t shown) {
  std::cerr << "---- the end of the log of " << name << "\n"
            << log.substr(log.size() - std::min(log.size(), shown)) << "\n----\n";
}

Dispatcher::Dispatcher(const std::vector<std::string>& settings, const std::string& config,
                       const std::string& log_to, const Environment& env)
    : listen_("127.0.0.1:" + std::to_string(FreePort())), http_("http://" + listen_) {
  std::vector<std::string> command = {std::string(BINARY_DIR) + "/dispatcher",
                                      "run",
                                      "--set",
                                      "http.listen=" + listen_,
                                      "--set",
                                      "log.level=debug"};
  if (!config.empty()) {
    command.insert(command.end(), {"--config", config});
  }
  for (const std::string& setting : settings) {
    command.emplace_back("--set");
    command.push_back(setting);
  }
  if (!log_to.empty()) {
    command.insert(command.begin(), {"/bin/sh", "-c", "exec \"$@\" 2>'" + log_to + "'", "sh"});
  }
  process_ = Process::Start(command, {.env = env, .directory = ""}).value();
}

HttpResponse Dispatcher::Get(std::string_view target) {
  try {
    return http_.Call("GET", target);
  } catch (const std::runtime_error&) {
    return {};
  }
}

HttpResponse Dispatcher::Call(std::string_view method, std::string_view target, const std::string& token) {
  try {
    HttpHeaders headers;
    if (!token.empty()) {
      headers.emplace_back("Authorization", "Bearer " + token);
    }
    return Http("http://" + listen_, headers).Call(method, target);
  } catch (const std::runtime_error&) {
    return {};
  }
}

Readiness Dispatcher::Ready() {
  HttpResponse answer = Get("/readyz");
  return {answer.status, std::move(answer.body)};
}

double Dispatcher::Metric(std::string_view series) { return SumOfSeries(Get("/metrics").body, series); }

std::string Dispatcher::Explain(std::string_view app) {
  HttpResponse answer = Get("/v1/apps" + std::string(app));
  return answer.status == 200 ? std::move(answer.body) : "";
}

}  // namespace dispatcher::testing
