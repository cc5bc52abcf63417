#include "tests/support/counting_proxy.h"

#include <stdexcept>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher::testing {
namespace {

HttpClientOptions Upstream(std::string_view url) {
  HttpClientOptions options;
  options.base = Url::Parse(url).value();
  options.read_timeout = std::chrono::seconds(120);  // blocking queries
  return options;
}

HttpServerOptions Serving() {
  HttpServerOptions options;
  options.keep_alive_requests = 1000;
  return options;
}

// Of one connection only, or written by the other side's library.
bool HopByHop(std::string_view name) {
  for (const char* mine : {"connection", "keep-alive", "content-length", "content-type", "transfer-encoding",
                           "host", "user-agent", "accept-encoding"}) {
    if (EqualsIgnoreCase(name, mine)) {
      return true;
    }
  }
  // cpp-httplib puts these among a request's headers.
  return EqualsIgnoreCase(name, "remote_addr") || EqualsIgnoreCase(name, "remote_port") ||
         EqualsIgnoreCase(name, "local_addr") || EqualsIgnoreCase(name, "local_port");
}

HttpHeaders EndToEnd(const HttpHeaders& headers) {
  HttpHeaders kept;
  for (const auto& [name, value] : headers) {
    if (!HopByHop(name)) {
      kept.emplace_back(name, value);
    }
  }
  return kept;
}

}  // namespace

CountingProxy::CountingProxy(std::string_view upstream) : upstream_(Upstream(upstream)), server_(Serving()) {
  server_.HandleRest([this](const HttpCall& call) { return Take(call); });
  const absl::Status started = server_.Start("127.0.0.1", 0);
  if (!started.ok()) {
    throw std::runtime_error(Text(started));
  }
}

CountingProxy::~CountingProxy() {
  cancel_.request_stop();
  server_.Stop();
}

std::string CountingProxy::url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

void CountingProxy::Meddle(Meddler meddler) {
  MutexLock lock(mutex_);
  meddler_ = std::move(meddler);
}

HttpReply CountingProxy::Take(const HttpCall& call) {
  Meddler meddler;
  {
    MutexLock lock(mutex_);
    if (call.method == "GET") {
      ++reads_;
    } else {
      ++writes_[call.method + " " + call.path];
    }
    meddler = meddler_;
  }
  return meddler ? meddler(call, [this](const HttpCall& passed) { return Pass(passed); }) : Pass(call);
}

HttpReply CountingProxy::Pass(const HttpCall& call) {
  HttpRequest request;
  request.method = call.method;
  request.target = call.raw_target;
  request.headers = EndToEnd(call.headers);
  request.body = call.body;
  HttpReply reply;
  const auto response = upstream_.Call(request, cancel_.get_token());
  if (!response.ok()) {
    reply.status = 502;
    reply.body = Text(response.status());
    return reply;
  }
  reply.status = response->status;
  reply.headers = EndToEnd(response->headers);
  reply.content_type = FindHeader(response->headers, "Content-Type");
  reply.body = response->body;
  return reply;
}

std::map<std::string, int> CountingProxy::Writes() const {
  MutexLock lock(mutex_);
  return writes_;
}

int CountingProxy::Reads() const {
  MutexLock lock(mutex_);
  return reads_;
}

void CountingProxy::Reset() {
  MutexLock lock(mutex_);
  writes_.clear();
  reads_ = 0;
}

}  // namespace dispatcher::testing
