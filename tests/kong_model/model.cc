#include "tests/kong_model/model.h"

#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher::kong_model {
namespace {

// Takes one off a switch's count; -1 never ends.
bool Take(int& count) {
  if (count > 0) {
    --count;
    return true;
  }
  return count < 0;
}

HttpServerOptions AdminOptions(const KongVersion& version) {
  HttpServerOptions options;
  // nginx closes a connection after 100 requests; 3.9.3 did not in 2,500.
  options.keep_alive_requests = version.AtLeast(3, 0) ? 1 << 20 : 100;
  options.max_body = 10u << 20;
  return options;
}

HttpServerOptions ProxyOptions() {
  HttpServerOptions options;
  options.keep_alive_requests = 1 << 20;
  return options;
}

const char* const kUnsupportedMedia =
    "<html>\n<head><title>415 Unsupported Media Type</title></head>\n</html>\n";

}  // namespace

KongModel::KongModel(const Options& options, const KongVersion& version)
    : options_(options), state_(std::make_unique<State>(version)) {}

absl::StatusOr<std::unique_ptr<KongModel>> KongModel::Start(const Options& options) {
  std::optional<KongVersion> version = KongVersion::Parse(options.version);
  if (!version) {
    return Error(absl::StatusCode::kInvalidArgument, "\"", options.version, "\" is no version of Kong");
  }
  version->dbless = options.dbless;
  std::unique_ptr<KongModel> model(new KongModel(options, *version));
  RETURN_IF_ERROR(model->Listen(options.admin_port, options.proxy_port));
  return model;
}

absl::Status KongModel::Listen(int admin_port, int proxy_port) {
  HttpServerOptions admin_options;
  {
    MutexLock lock(mutex_);
    admin_options = AdminOptions(state_->version());
  }
  admin_server_ = std::make_unique<HttpServer>(admin_options);
  proxy_server_ = std::make_unique<HttpServer>(ProxyOptions());
  admin_server_->HandleRest([this](const HttpCall& call) { return Admin(call); });
  proxy_server_->HandleRest([this](const HttpCall& call) {
    std::optional<Proxy::Choice> choice;
    {
      MutexLock lock(mutex_);
      choice = proxy_.Choose(*state_, faults_.routes_late_ms, call);
    }
    return proxy_.Pass(call, choice);
  });
  RETURN_IF_ERROR(admin_server_->Start(options_.host, admin_port));
  return proxy_server_->Start(options_.host, proxy_port);
}

absl::Status KongModel::Restart(Duration down) {
  const int admin_port = admin_server_->port(), proxy_port = proxy_server_->port();
  admin_server_->Stop();
  proxy_server_->Stop();
  {
    MutexLock lock(mutex_);
    if (state_->version().dbless) {
      state_->Clear();
    }
    const Mono until = MonoClock::now() + down;
    while (MonoClock::now() < until) {
      changed_.WaitUntil(mutex_, until);
    }
  }
  return Listen(admin_port, proxy_port);
}

KongModel::~KongModel() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  admin_server_.reset();
  proxy_server_.reset();
}

std::string KongModel::admin_url() const {
  return "http://" + options_.host + ":" + std::to_string(admin_server_->port());
}
std::string KongModel::proxy_url() const {
  return "http://" + options_.host + ":" + std::to_string(proxy_server_->port());
}

void KongModel::SetFaults(const Faults& faults) {
  MutexLock lock(mutex_);
  faults_ = faults;
  changed_.NotifyAll();
}

void KongModel::LoseData() {
  MutexLock lock(mutex_);
  state_->Clear();
}

void KongModel::Become(const std::string& text, bool dbless) {
  MutexLock lock(mutex_);
  KongVersion version = KongVersion::Parse(text).value_or(KongVersion{});
  version.dbless = dbless;
  state_ = std::make_unique<State>(version);
}

std::map<std::string, int> KongModel::Writes() const {
  MutexLock lock(mutex_);
  return writes_;
}

int KongModel::reads() const {
  MutexLock lock(mutex_);
  return reads_;
}

void KongModel::Reset() {
  MutexLock lock(mutex_);
  writes_.clear();
  reads_ = 0;
}

std::string KongModel::LastHeader(const std::string& name) const {
  MutexLock lock(mutex_);
  return std::string(FindHeader(last_, name));
}

HttpReply KongModel::Sim(const HttpCall& call) {
  const auto document = JsonDocument::Parse(call.body);
  if (!document.ok()) {
    return Reply(400, R"({"message":"Cannot parse JSON body"})");
  }
  bool lose_data = false, restart = false;
  MutexLock lock(mutex_);
  Faults faults = faults_;
  if (absl::Status status = faults.Merge(document->root(), lose_data, restart); !status.ok()) {
    return Reply(400, TextOf({{"message", Quote(Message(status))}}));
  }
  faults_ = faults;
  // A restart loses what is in memory alone.
  if (lose_data || (restart && state_->version().dbless)) {
    state_->Clear();
  }
  changed_.NotifyAll();
  return Reply(200, "{}");
}

HttpReply KongModel::Admin(const HttpCall& call) {
  if (call.path == "/sim/faults") {
    return Sim(call);
  }
  HttpReply reply;
  std::string server;
  {
    MutexLock lock(mutex_);
    last_ = call.headers;
    if (faults_.slow_ms > 0) {
      const Mono until = MonoClock::now() + std::chrono::milliseconds(faults_.slow_ms);
      while (!stopping_ && MonoClock::now() < until) {
        changed_.WaitUntil(mutex_, until);
      }
    }
    while (faults_.hold && !stopping_) {
      changed_.Wait(mutex_);
    }
    reply = Answer(call);
    proxy_.TakeUp(*state_, faults_.routes_late_ms);
    server = "kong/" + state_->version().Text();
  }
  reply.headers.emplace_back("Server", server);
  return reply;
}

HttpReply KongModel::Answer(const HttpCall& call) ABSL_NO_THREAD_SAFETY_ANALYSIS {
  const bool write = call.method != "GET";
  if (faults_.deny) {
    return Reply(403, R"({"message":"you do not have permissions to do that"})");
  }
  if (!options_.token.empty() && FindHeader(call.headers, "Kong-Admin-Token") != options_.token) {
    return Reply(401, R"({"message":"Invalid credentials. Token or User credentials required"})");
  }
  const std::string failure = R"({"message":"An unexpected error occurred"})";
  if (write ? Take(faults_.fail_writes) : Take(faults_.fail_reads)) {
    return Reply(faults_.status, failure);
  }
  if (!write && Take(faults_.bad_reads)) {
    return Reply(200, "{}");
  }
  Ask ask;
  ask.method = call.method;
  ask.query = call.query;
  ask.text = call.body;
  ask.base = "http://" + std::string(FindHeader(call.headers, "Host"));
  for (std::string_view segment : Split(call.path, '/')) {
    if (!segment.empty()) {
      ask.path.emplace_back(segment);
    }
  }
  if (!options_.workspace.empty() && !ask.path.empty()) {
    if (ask.path[0] != options_.workspace) {
      return Reply(404, R"({"message":"Workspace ')" + ask.path[0] + R"(' not found"})");
    }
    ask.path.erase(ask.path.begin());
  }
  if (!call.body.empty()) {
    const std::string_view type = FindHeader(call.headers, "Content-Type");
    if (type.starts_with("application/json")) {
      const auto document = JsonDocument::Parse(call.body);
      ask.body_bad = !document.ok();
      ask.body = document.ok() ? ObjectOf(document->root()) : Object();
    } else if (type.starts_with("application/x-www-form-urlencoded")) {
      ask.body = FormOf(call.body);
    } else {
      HttpReply reply = Reply(415, kUnsupportedMedia);
      reply.content_type = "text/html; charset=UTF-8";
      return reply;
    }
  }
  if (write) {
    ++writes_[call.method + " " + call.path];
  } else {
    ++reads_;
  }
  const bool lost = faults_.lose_half_of_writes && chance_() % 2 == 0;
  if (write && (lost || Take(faults_.lose_writes))) {
    return Reply(call.method == "POST" ? 201 : call.method == "DELETE" ? 204 : 200, R"({"id":"lost"})");
  }
  HttpReply reply = state_->Answer(ask);
  if (write && Take(faults_.lose_answers)) {
    return Reply(500, failure);
  }
  if (!write && reply.status == 200 && Take(faults_.cut_reads)) {
    const std::string half = reply.body.substr(0, reply.body.size() / 2);
    reply.stream = [half](const HttpSink& sink) { sink(half); };
  }
  return reply;
}

}  // namespace dispatcher::kong_model
