#include "tests/e2e/frame/load.h"

namespace dispatcher::testing {
namespace {

HttpClientOptions Options(const std::string& base, const std::string& host) {
  HttpClientOptions options;
  options.base = Url::Parse(base).value();
  options.headers = {{"Host", host}};
  options.max_idle_connections = 0;
  return options;
}

}  // namespace

Load::Load(const std::string& base, const std::string& host, Duration interval)
    : interval_(interval), client_(Options(base, host)), thread_([this] { Run(); }) {}

Load::~Load() { Stop(); }

int Load::Sent() const {
  MutexLock lock(mutex_);
  int sent = 0;
  for (const auto& [answer, count] : answers_) {
    sent += count;
  }
  return sent;
}

std::map<std::string, int> Load::Stop() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
    changed_.NotifyAll();
  }
  if (thread_.joinable()) {
    thread_.join();
  }
  MutexLock lock(mutex_);
  return answers_;
}

void Load::Run() {
  HttpRequest request;
  request.target = "/";
  while (true) {
    const Mono next = MonoClock::now() + interval_;
    const auto answer = client_.Call(request, Cancel());
    MutexLock lock(mutex_);
    ++answers_[answer.ok() ? std::to_string(answer->status) : "no answer"];
    while (!stop_ && changed_.WaitUntil(mutex_, next)) {
    }
    if (stop_) {
      return;
    }
  }
}

int Failed(const std::map<std::string, int>& answers) {
  int failed = 0;
  for (const auto& [answer, count] : answers) {
    failed += answer == "200" ? 0 : count;
  }
  return failed;
}

std::string Show(const std::map<std::string, int>& answers) {
  int sent = 0;
  std::string failures;
  for (const auto& [answer, count] : answers) {
    sent += count;
    failures += answer == "200" ? "" : ", " + std::to_string(count) + " x " + answer;
  }
  return std::to_string(sent) + " sent, " + std::to_string(Failed(answers)) + " failed" + failures;
}

}  // namespace dispatcher::testing
