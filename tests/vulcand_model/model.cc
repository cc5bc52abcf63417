#include "tests/vulcand_model/model.h"

#include <algorithm>
#include <array>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher::testing {
namespace {

HttpServerOptions ServerOptions() {
  HttpServerOptions options;
  options.keep_alive_requests = 10000;
  options.read_timeout = std::chrono::seconds(5);
  return options;
}

// Headers of one connection, and those that the library itself puts in.
bool IsPassedOn(std::string_view name) {
  constexpr std::array kOwn = {"Connection",        "Keep-Alive",     "Proxy-Connection", "Upgrade",
                               "Transfer-Encoding", "Content-Length", "Content-Type",     "Host",
                               "REMOTE_ADDR",       "REMOTE_PORT",    "LOCAL_ADDR",       "LOCAL_PORT"};
  return std::none_of(kOwn.begin(), kOwn.end(), [&](const char* own) { return EqualsIgnoreCase(name, own); });
}

HttpReply Plain(int status, std::string body, std::string type = "text/plain") {
  HttpReply reply;
  reply.status = status;
  reply.content_type = std::move(type);
  reply.body = std::move(body);
  return reply;
}

// "127.0.0.1:80" or "[::]:80" cut in two.
std::pair<std::string, int> HostAndPort(const std::string& address) {
  const size_t colon = std::min(address.rfind(':'), address.size());
  std::string host = address.substr(0, colon);
  if (host.starts_with('[')) {
    host = host.substr(1, host.size() - 2);
  }
  const auto port = ParseInt(std::string_view(address).substr(std::min(colon + 1, address.size())));
  return {host.empty() ? "0.0.0.0" : host, static_cast<int>(port.value_or(0))};
}

}  // namespace

VulcandModel::VulcandModel(VulcandModelOptions options)
    : options_(std::move(options)), mux_(options_.version), api_(ServerOptions()), proxy_(ServerOptions()) {}

absl::StatusOr<std::unique_ptr<VulcandModel>> VulcandModel::Start(VulcandModelOptions options) {
  if (options.version == VulcandVersion::kBeta3) {
    options.etcd_version = 2;
  }
  std::unique_ptr<VulcandModel> model(new VulcandModel(std::move(options)));
  VulcandModel& self = *model;
  self.api_.HandleRest([&self](const HttpCall& call) { return self.Answer(call); });
  self.proxy_.HandleRest([&self](const HttpCall& call) { return self.Forward("", call); });
  RETURN_IF_ERROR(self.api_.Start(self.options_.host, self.options_.api_port));
  RETURN_IF_ERROR(self.proxy_.Start(self.options_.host, self.options_.proxy_port));
  {
    MutexLock lock(self.mutex_);
    self.mux_.Reserve(self.options_.host + ":" + std::to_string(self.proxy_.port()));
  }
  self.taker_ = std::thread([&self] { self.TakeUp(); });
  return model;
}

VulcandModel::~VulcandModel() {
  {
    MutexLock lock(mutex_);
    stop_ = true;
    changed_.NotifyAll();
  }
  if (taker_.joinable()) {
    taker_.join();
  }
  api_.Stop();
  proxy_.Stop();
  MutexLock lock(sockets_mutex_);
  sockets_.clear();
}

std::string VulcandModel::Url(const HttpServer& server) const {
  return "http://" + options_.host + ":" + std::to_string(server.port());
}

void VulcandModel::SetFaults(const VulcandFaults& faults) {
  MutexLock lock(mutex_);
  faults_ = faults;
  changed_.NotifyAll();
}

int VulcandModel::writes() const {
  MutexLock lock(mutex_);
  return writes_;
}

void VulcandModel::Settle() {
  MutexLock lock(mutex_);
  while ((!pending_.empty() || taking_up_) && !stop_) {
    changed_.Wait(mutex_);
  }
}

void VulcandModel::Store(const std::string& key, const std::string& json) {
  keys_[key] = json;
  Tell(key, json);
}

void VulcandModel::Erase(const std::string& key) {
  std::vector<std::string> gone;
  for (const auto& [stored, json] : keys_) {
    const bool below = stored == key || stored.starts_with(key + "/");
    if (below || (options_.etcd_version == 3 && stored.starts_with(key))) {
      gone.push_back(stored);
    }
  }
  for (const std::string& stored : gone) {
    keys_.erase(stored);
    // With etcd v2 the watcher hears of the one key that was deleted, not of those below.
    const bool told = options_.etcd_version == 3 || stored == key || stored == key + "/backend" ||
                      stored == key + "/frontend";
    if (told) {
      Tell(stored, "");
    }
  }
}

void VulcandModel::Tell(const std::string& key, const std::string& json) {
  const std::vector<std::string_view> parts = Split(key, '/');
  Pending change;
  change.due = MonoClock::now() + std::chrono::milliseconds(faults_.late_ms);
  change.json = json;
  change.id = parts[1];
  if (parts[0] == "listeners") {
    change.kind = "listener";
  } else if (parts.size() == 3) {
    change.kind = parts[2];
  } else if (parts.size() == 4 && parts[2] == "servers") {
    change.kind = "server";
    change.parent = parts[1];
    change.id = parts[3];
  } else {
    return;  // middlewares do nothing here
  }
  pending_.push_back(std::move(change));
  changed_.NotifyAll();
}

void VulcandModel::TakeUp() {
  for (;;) {
    {
      MutexLock lock(mutex_);
      taking_up_ = false;
      changed_.NotifyAll();
      while (!stop_ && (pending_.empty() || MonoClock::now() < pending_.front().due)) {
        if (pending_.empty()) {
          changed_.Wait(mutex_);
        } else {
          changed_.WaitUntil(mutex_, pending_.front().due);
        }
      }
      if (stop_) {
        return;
      }
      const Pending change = std::move(pending_.front());
      pending_.pop_front();
      taking_up_ = true;
      mux_.Apply(change.kind, change.parent, change.id, change.json);
    }
    OpenSockets();
  }
}

void VulcandModel::Rebuild() {
  const std::string own = options_.host + ":" + std::to_string(proxy_.port());
  pending_.clear();
  mux_ = Mux(options_.version);
  mux_.Reserve(own);
  // Keys are in order: backends and their servers come before frontends.
  for (const auto& [key, json] : keys_) {
    Tell(key, json);
  }
  for (Pending& change : pending_) {
    mux_.Apply(change.kind, change.parent, change.id, change.json);
  }
  pending_.clear();
}

void VulcandModel::LoseData() {
  {
    MutexLock lock(mutex_);
    keys_.clear();
    Rebuild();
  }
  OpenSockets();
}

void VulcandModel::Restart() {
  {
    MutexLock lock(mutex_);
    Rebuild();
  }
  OpenSockets();
}

void VulcandModel::OpenSockets() {
  MutexLock sockets_lock(sockets_mutex_);
  std::map<std::string, std::string> wanted;
  {
    MutexLock lock(mutex_);
    for (const auto& [id, listener] : mux_.listeners()) {
      if (!id.empty()) {
        wanted[id] = listener.address;
      }
    }
  }
  std::erase_if(sockets_, [&](const auto& socket) {
    const auto found = wanted.find(socket.first);
    return found == wanted.end() || found->second != socket.second.address;
  });
  for (const auto& [id, address] : wanted) {
    if (sockets_.contains(id)) {
      continue;
    }
    Socket socket{address, std::make_unique<HttpServer>(ServerOptions())};
    socket.server->HandleRest(
        [this, listener = id](const HttpCall& call) { return Forward(listener, call); });
    const auto [host, port] = HostAndPort(address);
    // A port that somebody else has is a line in Vulcand's log and no more.
    if (port > 0 && socket.server->Start(host, port).ok()) {
      sockets_[id] = std::move(socket);
    }
  }
}

HttpReply VulcandModel::Forward(const std::string& listener, const HttpCall& call) {
  RoutedRequest routed;
  routed.method = call.method;
  routed.host = FindHeader(call.headers, "Host");
  routed.path = call.raw_target.substr(0, call.raw_target.find('?'));
  routed.headers = call.headers;
  Mux::Target target;
  std::shared_ptr<HttpClient> client;
  {
    MutexLock lock(mutex_);
    const auto running = mux_.listeners().find(listener);
    target = mux_.Choose(running == mux_.listeners().end() ? "" : running->second.scope, routed);
    if (target.status == 200) {
      std::shared_ptr<HttpClient>& known = clients_[target.url];
      absl::StatusOr<dispatcher::Url> url = dispatcher::Url::Parse(target.url);
      if (known == nullptr && url.ok()) {
        HttpClientOptions http;
        http.base = *std::move(url);
        known = std::make_shared<HttpClient>(std::move(http));
      }
      client = known;
    }
  }
  if (target.status != 200) {
    return Plain(target.status, target.body, target.status == 404 ? "application/json" : "text/plain");
  }
  if (client == nullptr) {
    return Plain(502, "Bad Gateway");
  }
  HttpRequest request;
  request.method = call.method;
  request.target = call.raw_target;
  request.body = call.body;
  if (const std::string_view type = FindHeader(call.headers, "Content-Type"); !type.empty()) {
    request.content_type = type;
  }
  for (const auto& [name, value] : call.headers) {
    if (IsPassedOn(name)) {
      request.headers.emplace_back(name, value);
    }
  }
  if (target.pass_host) {
    request.headers.emplace_back("Host", routed.host);
  }
  request.headers.emplace_back("X-Forwarded-For", call.remote_address);
  request.headers.emplace_back("X-Forwarded-Host", routed.host);
  const absl::StatusOr<HttpResponse> response = client->Call(request, Cancel());
  if (!response.ok()) {
    return absl::IsDeadlineExceeded(response.status()) ? Plain(504, "Gateway Timeout")
                                                       : Plain(502, "Bad Gateway");
  }
  HttpReply reply =
      Plain(response->status, response->body, std::string(FindHeader(response->headers, "Content-Type")));
  for (const auto& [name, value] : response->headers) {
    if (IsPassedOn(name)) {
      reply.headers.emplace_back(name, value);
    }
  }
  return reply;
}

}  // namespace dispatcher::testing
