#include "tests/bench/marathon.h"

#include <utility>

#include "tests/marathon/client/fake_marathon.h"

namespace dispatcher::bench {
namespace {

// What is asked for: "GET /v2/info HTTP/1.1" -> "/v2/info".
std::string Target(const std::string& request) {
  const size_t begin = request.find(' ') + 1;
  return request.substr(begin, request.find(' ', begin) - begin);
}

}  // namespace

Marathon::Marathon(const Apps& apps)
    : apps_(apps),
      first_(apps.Snapshot()),
      server_([this](testing::RawConnection& connection) { Serve(connection); }) {}

Marathon::~Marathon() = default;

void Marathon::Serve(testing::RawConnection& connection) {
  for (;;) {
    const std::string request = connection.ReadRequest();
    if (request.empty()) {
      return;
    }
    const std::string target = Target(request);
    if (target.starts_with("/v2/events")) {
      ServeStream(connection);
      return;
    }
    if (!ServeRead(connection, target)) {
      return;
    }
  }
}

bool Marathon::ServeRead(testing::RawConnection& connection, const std::string& target) {
  if (target.starts_with("/v2/info")) {
    return connection.Write(testing::Json(std::string(R"({"version":"1.8.222","frameworkId":")") +
                                          kFrameworkId + R"(","leader":"m:1"})"));
  }
  if (target.starts_with("/v2/apps?")) {
    std::string body;
    {
      MutexLock lock(mutex_);
      body = std::exchange(first_, "");
    }
    return connection.Write(testing::Json(body.empty() ? apps_.Snapshot() : body));
  }
  if (target == "/v2/pods/::status") {
    return connection.Write(testing::Json("[]"));
  }
  const std::string prefix = "/v2/apps";
  const std::string one = apps_.One(target.substr(prefix.size(), target.find('?') - prefix.size()));
  return connection.Write(one.empty() ? testing::Answer("404 Not Found", "application/json", "{}")
                                      : testing::Json(one));
}

void Marathon::ServeStream(testing::RawConnection& connection) {
  {
    MutexLock lock(mutex_);
    connection.Write(testing::StreamHead() + testing::AttachedFrame());
    stream_ = &connection;
  }
  connection.WaitForClose();
  MutexLock lock(mutex_);
  stream_ = stream_ == &connection ? nullptr : stream_;
}

Mono Marathon::Emit(const std::string& frames) {
  MutexLock lock(mutex_);
  if (stream_ == nullptr) {
    return {};
  }
  const Mono begun = MonoClock::now();
  stream_->Write(frames);
  return begun;
}

}  // namespace dispatcher::bench
