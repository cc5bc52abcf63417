// Marathon's own paths: who may, who answers, the event stream, faulty reads.
#include <algorithm>
#include <thread>

#include "dispatcher/base/log.h"
#include "dispatcher/base/strings.h"
#include "tests/marathon_sim/sim.h"

namespace dispatcher::sim {
namespace {

// Jetty compares each Accept header as a whole.
bool AcceptsEvents(const HttpCall& call) {
  return std::any_of(call.headers.begin(), call.headers.end(), [](const auto& header) {
    return header.second == "text/event-stream" && FindHeader({header}, "Accept") == "text/event-stream";
  });
}

HttpReply Half(HttpReply reply) {
  const std::string whole = std::move(reply.body);
  reply.body.clear();
  reply.headers.emplace_back("Content-Length", std::to_string(whole.size()));
  reply.stream = [whole](const HttpSink& sink) { sink(std::string_view(whole).substr(0, whole.size() / 2)); };
  return reply;
}

}  // namespace

HttpReply MessageReply(int status, std::string_view message) {
  JsonWriter out;
  out.BeginObject().Field("message", message).EndObject();
  HttpReply reply;
  reply.status = status;
  reply.body = out.Take();
  return reply;
}

bool MarathonSim::Authorized(const HttpCall& call) const {
  if (options_.user.empty() && options_.token.empty()) {
    return true;
  }
  const std::string_view given = FindHeader(call.headers, "Authorization");
  return (!options_.user.empty() && given == "Basic " + Base64(options_.user)) ||
         (!options_.token.empty() && given == "token=" + options_.token);
}

void MarathonSim::AddHeaders(size_t node, HttpReply& reply) {
  std::string leader;
  {
    MutexLock lock(mutex_);
    leader = world_->leader();
  }
  reply.headers.emplace_back("X-Marathon-Leader", "http://" + leader);
  if (leader != nodes_[node].address) {
    reply.headers.emplace_back("X-Marathon-Via", "1.1 " + nodes_[node].address);
  }
  reply.headers.emplace_back("Cache-Control", "no-cache, no-store, must-revalidate");
  reply.headers.emplace_back("Pragma", "no-cache");
  reply.headers.emplace_back("Expires", "0");
  if (!profile_.Since(7)) {
    reply.headers.emplace_back("Server", "Jetty(9.3.z-SNAPSHOT)");
  }
}

void MarathonSim::Count(const std::string& what, size_t bytes) {
  MutexLock lock(mutex_);
  ++requests_[what];
  bytes_sent_ += bytes;
}

HttpReply MarathonSim::Handle(size_t node, const HttpCall& call) {
  {
    MutexLock lock(mutex_);
    if (world_ == nullptr) {
      return MessageReply(503, "not ready");
    }
  }
  if (call.path.starts_with("/sim/")) {
    return Control(call);
  }
  if (!Authorized(call)) {
    HttpReply reply = MessageReply(401, "Invalid credentials");
    reply.headers.emplace_back("WWW-Authenticate", "Basic realm=\"Mesosphere\"");
    Count(call.method + " 401", reply.body.size());
    return reply;
  }
  bool down = false, leads = true;
  {
    MutexLock lock(mutex_);
    down = world_->IsDown();
    leads = world_->leader() == nodes_[node].address;
  }
  if (call.path == "/v2/events") {
    HttpReply reply = Events(node, call, leads);
    Count("GET /v2/events", 0);
    if (reply.status != 302) {
      AddHeaders(node, reply);
    }
    return reply;
  }
  if (down) {
    const int status = profile_.Since(7) ? 502 : 503;
    Count(call.method + " " + std::to_string(status), 0);
    return MessageReply(status, "Could not determine the current leader");
  }
  HttpReply reply = RestReply(call);
  AddHeaders(node, reply);
  return reply;
}

HttpReply MarathonSim::Events(size_t node, const HttpCall& call, bool leads) {
  HttpReply reply;
  if (call.method != "GET" || !AcceptsEvents(call)) {
    reply.status = 405;
    reply.content_type = "text/html;charset=iso-8859-1";
    reply.body =
        "<html><body><h2>HTTP ERROR 405</h2><p>HTTP method GET is not supported by this "
        "URL</p></body></html>";
    return reply;
  }
  std::string leader;
  bool refuse = false;
  {
    MutexLock lock(mutex_);
    leader = world_->leader();
    // 200, then the end: not the leader yet.
    refuse = world_->IsDown() || faults_.stream_refuse;
  }
  if (!leads && profile_.redirects_events() && !refuse) {
    reply.status = 302;
    reply.content_type = "text/plain";
    reply.headers.emplace_back("Location", "http://" + leader + call.raw_target);
    return reply;
  }
  Subscription subscription;
  for (const auto& [key, value] : call.query) {
    if (key == "event_type" && profile_.filters_events()) {
      subscription.types.push_back(value);
    }
    subscription.light =
        subscription.light || (key == "plan-format" && value == "light" && profile_.light_plans_on_request());
  }
  reply.content_type = "text/event-stream;charset=utf-8";
  const std::string remote = leads ? call.remote_address : nodes_[node].host;
  reply.stream = [this, subscription, remote, refuse](const HttpSink& sink) {
    if (refuse) {
      return;
    }
    streams_->Serve(
        subscription, [&] { With([&](world::World& world) { world.StreamAttached(remote); }); }, sink);
    With([&](world::World& world) { world.StreamDetached(remote); });
  };
  return reply;
}

HttpReply MarathonSim::RestReply(const HttpCall& call) {
  const bool apps = call.method == "GET" && (call.path == "/v2/apps" || call.path.starts_with("/v2/apps/") ||
                                             call.path.starts_with("/v2/pods/"));
  RestCall rest{.method = call.method,
                .path = call.path,
                .query = call.query,
                .headers = call.headers,
                .body = call.body,
                .health = true};
  Faults faults;
  RestAnswer answer;
  {
    MutexLock lock(mutex_);
    faults = faults_;
    rest.health = !faults.missing_health;
    world_->Advance(WorldNow());
    const bool stale = apps && faults.read_stale_ms > 0 && !snapshots_.empty();
    answer = Rest(stale ? snapshots_.front().second : *world_, rest);
    Pump();
    changed_.NotifyAll();
    // Marathon answers once the store has it.
    const Mono limit = MonoClock::now() + std::chrono::seconds(5);
    while (!answer.deployment.empty() && !world_->IsStored(answer.deployment) && !stopping_ &&
           MonoClock::now() < limit) {
      changed_.WaitUntil(mutex_, MonoClock::now() + std::chrono::milliseconds(1));
    }
  }
  if (call.path == "/v2/leader" && call.method == "DELETE") {
    answer = {.status = 200, .body = "{\"message\":\"Leadership abdicated\"}", .pattern = "/v2/leader"};
    ChangeLeader(std::chrono::milliseconds(300), /*keep_health=*/false);
  }
  HttpReply reply;
  reply.status = answer.status;
  reply.content_type = answer.content_type;
  reply.body = std::move(answer.body);
  reply.headers = std::move(answer.headers);
  if (call.method == "POST" && answer.pattern == "/v2/apps" && answer.status == 201) {
    const auto body = JsonDocument::Parse(call.body);
    const std::string image = body.ok() ? body->root()["container"]["docker"]["image"].StringOr("") : "";
    if (!image.empty() && options_.real_tasks) {
      reply.headers.emplace_back("X-Marathon-Sim",
                                 "images are not run here: the stand-in's own HTTP server answers");
      LogInfo("images are not run here: the stand-in's own HTTP server answers", {{"image", image}});
    }
  }
  if (apps) {
    std::this_thread::sleep_for(std::chrono::milliseconds(faults.read_delay_ms));
    if (faults.read_status != 0) {
      reply = MessageReply(faults.read_status, "a fault that was switched on");
    } else if (faults.read_empty && call.path == "/v2/apps") {
      reply.body = "{\"apps\":[]}";
    } else if (faults.read_empty && call.path == "/v2/pods/::status") {
      reply.body = "[]";
    } else if (faults.read_half) {
      Count(call.method + " " + answer.pattern, reply.body.size() / 2);
      return Half(std::move(reply));
    }
  }
  Count(call.method + " " + answer.pattern, reply.body.size());
  return reply;
}

}  // namespace dispatcher::sim
