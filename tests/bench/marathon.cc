#include "tests/bench/marathon.h"

#include <utility>

#include "tests/marathon/client/fake_marathon.h"

namespace dispatcher::bench {
namespace {

constexpr Duration kBeat = std::chrono::seconds(10);

// What is asked for: "GET /v2/info HTTP/1.1" -> "/v2/info".
std::string Target(const std::string& request) {
  const size_t begin = request.find(' ') + 1;
  return request.substr(begin, request.find(' ', begin) - begin);
}

}  // namespace

Marathon::Marathon(const Apps& apps)
    : apps_(apps),
      changes_(apps.changes()),
      snapshot_(std::make_shared<const std::string>(testing::Json(apps.Snapshot()))),
      server_([this](testing::RawConnection& connection) { Serve(connection); }),
      heart_([this] { Live(); }) {}

Marathon::~Marathon() {
  {
    MutexLock lock(mutex_);
    ended_ = true;
    ending_.NotifyAll();
  }
  heart_.join();
}

void Marathon::Live() {
  MutexLock lock(mutex_);
  while (!ended_) {
    if (!ending_.WaitUntil(mutex_, MonoClock::now() + kBeat) && stream_ != nullptr) {
      stream_->Write("\r\n");
    }
  }
}

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

std::shared_ptr<const std::string> Marathon::Snapshot() {
  const uint64_t changes = apps_.changes();
  {
    MutexLock lock(mutex_);
    if (changes == changes_) {
      return snapshot_;
    }
  }
  auto made = std::make_shared<const std::string>(testing::Json(apps_.Snapshot()));
  MutexLock lock(mutex_);
  changes_ = changes;
  snapshot_ = std::move(made);
  return snapshot_;
}

bool Marathon::ServeRead(testing::RawConnection& connection, const std::string& target) {
  if (target.starts_with("/v2/info")) {
    return connection.Write(testing::Json(std::string(R"({"version":"1.8.222","frameworkId":")") +
                                          kFrameworkId + R"(","leader":"m:1"})"));
  }
  if (target.starts_with("/v2/apps?")) {
    return connection.Write(*Snapshot());
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
