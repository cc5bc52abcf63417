// /sim/: what a test or a demo asks of the stand-in. Never part of Marathon.
#include "dispatcher/base/strings.h"
#include "tests/marathon_sim/sim.h"

namespace dispatcher::sim {
namespace {

HttpReply Json(std::string body) {
  HttpReply reply;
  reply.body = std::move(body);
  return reply;
}

HttpReply Done(bool found, std::string_view what) {
  return found ? Json("{}") : MessageReply(404, "there is no " + std::string(what));
}

void WriteTask(JsonWriter& out, const world::LiveTask& task, int pid) {
  out.BeginObject().Field("app", task.app).Field("task", task.task).Field("instance", task.instance);
  out.Field("life", task.life).Field("host", task.host);
  out.Field("address", task.endpoints.empty() ? "" : task.endpoints.front().address)
      .Key("ports")
      .BeginArray();
  for (int port : task.ports) {
    out.Int(port);
  }
  out.EndArray().Key("ips").BeginArray();
  for (const std::string& ip : task.ips) {
    out.String(ip);
  }
  out.EndArray().Key("endpoints").BeginArray();
  for (const world::Endpoint& e : task.endpoints) {
    out.BeginObject()
        .Field("index", e.index)
        .Field("name", e.name)
        .Field("address", e.address)
        .Field("ip", e.ip);
    out.Field("port", e.port).Field("protocol", e.protocol).Field("service_port", e.service_port).EndObject();
  }
  out.EndArray().Field("version", task.version).Key("healthy");
  if (task.healthy) {
    out.Bool(*task.healthy);
  } else {
    out.Null();
  }
  out.Field("has_checks", task.has_checks).Field("pid", pid).EndObject();
}

}  // namespace

std::string MarathonSim::StateJson() {
  MutexLock lock(mutex_);
  world_->Advance(WorldNow());
  Pump();
  JsonWriter out;
  out.BeginObject().Field("profile", profile_.name).Field("leader", world_->leader());
  out.Field("generation", generation_).Field("deploying", world_->Deploying());
  out.Field("streams", static_cast<int64_t>(streams_->open())).Field("last_event", world_->LastEventId());
  out.Key("tasks").BeginArray();
  for (const world::LiveTask& task : world_->Alive()) {
    WriteTask(out, task, launcher_.Pid(task.task));
  }
  out.EndArray().Key("apps").BeginArray();
  for (const auto& app : world_->Apps()) {
    out.BeginObject().Field("id", app->id).Field("version", app->version).Field("instances", app->instances);
    out.Key("labels").BeginObject();
    for (const auto& [key, value] : app->labels) {
      out.Field(key, value);
    }
    out.EndObject().EndObject();
  }
  out.EndArray().EndObject();
  return out.Take();
}

HttpReply MarathonSim::TaskControl(const std::string& task, const std::string& what) {
  bool found = false, known = true;
  With([&](world::World& world) ABSL_NO_THREAD_SAFETY_ANALYSIS {  // With holds the lock
    if (what == "fail") {
      found = world.TaskEnded(task, "TASK_FAILED", "Command exited with status 1");
      launcher_.Crash(task);
    } else if (what == "finish") {
      found = world.TaskEnded(task, "TASK_FINISHED", "Command exited with status 0");
      launcher_.Crash(task);
    } else if (what == "kill-process") {
      found = world.Find(task) != nullptr;
      if (options_.real_tasks) {
        launcher_.Crash(task);
      } else {
        world.TaskEnded(task, "TASK_FAILED", "Command terminated with signal Killed");
      }
    } else if (what == "unreachable") {
      found = world.Unreachable(task);
    } else if (what == "return") {
      found = world.Return(task);
    } else if (what == "unhealthy" || what == "healthy") {
      found = world.Find(task) != nullptr;
      const bool healthy = what == "healthy";
      if (!options_.real_tasks) {
        world.SetSick(task, !healthy);
      } else if (found) {
        launcher_.TurnHealth(task, healthy);
        healthy ? static_cast<void>(sick_.erase(task)) : static_cast<void>(sick_.insert(task));
        if (const auto watch = watches_.find(task); watch != watches_.end()) {
          watch->second.due.assign(watch->second.due.size(), MonoClock::now());
        }
      }
    } else if (what == "forget-health") {
      found = world.ForgetHealth(task);
    } else {
      known = false;
    }
  });
  return known ? Done(found, "task " + task) : MessageReply(404, "a task can't " + what);
}

HttpReply MarathonSim::AgentControl(const std::string& host, const std::string& what) {
  bool found = false, known = true;
  With([&](world::World& world) {
    if (what == "unreachable") {
      found = world.AgentUnreachable(host);
    } else if (what == "return") {
      found = world.AgentReturn(host);
    } else if (what == "gone") {
      found = world.AgentGone(host);
    } else {
      known = false;
    }
  });
  return known ? Done(found, "agent " + host) : MessageReply(404, "an agent can't be " + what);
}

HttpReply MarathonSim::Control(const HttpCall& call) {
  const auto parts = Split(std::string_view(call.path).substr(5), '/');  // behind "/sim/"
  const std::string_view what = parts[0];
  const bool post = call.method == "POST";
  const auto body = JsonDocument::Parse(call.body.empty() ? "{}" : call.body);
  if (!body.ok() || !body->root().IsObject()) {
    return MessageReply(400, "the body is not a JSON object");
  }
  const auto down = std::chrono::milliseconds(body->root()["down_ms"].IntOr(what == "restart" ? 1500 : 300));
  if (what == "state" && parts.size() == 1) {
    return Json(StateJson());
  }
  if (post && what == "tasks" && parts.size() == 3) {
    return TaskControl(std::string(parts[1]), std::string(parts[2]));
  }
  if (post && what == "agents" && parts.size() == 3) {
    return AgentControl(std::string(parts[1]), std::string(parts[2]));
  }
  if (post && what == "leader") {
    ChangeLeader(down, body->root()["keep_health"].BoolOr(false));
    return Json("{}");
  }
  if (post && what == "clock") {
    SetClockAhead(body->root()["ahead_ms"].IntOr(0));
    return Json("{}");
  }
  if (post && what == "restart") {
    Restart(down);
    return Json("{}");
  }
  if (what == "faults") {
    if (post) {
      if (const absl::Status status = SetFaults(call.body); !status.ok()) {
        return MessageReply(400, Message(status));
      }
    }
    MutexLock lock(mutex_);
    return Json(faults_.Json());
  }
  if (what == "requests") {
    MutexLock lock(mutex_);
    if (post && parts.size() == 2 && parts[1] == "reset") {
      requests_.clear();
      bytes_sent_ = 0;
      stream_bytes_before_ = streams_->bytes();
    }
    JsonWriter out;
    out.BeginObject().Key("requests").BeginObject();
    for (const auto& [name, count] : requests_) {
      out.Field(name, count);
    }
    out.EndObject()
        .Field("bytes", bytes_sent_)
        .Field("stream_bytes", streams_->bytes() - stream_bytes_before_);
    out.EndObject();
    return Json(out.Take());
  }
  if (what == "events") {
    const uint64_t since = static_cast<uint64_t>(ParseInt(FindHeader(call.query, "since")).value_or(0));
    MutexLock lock(mutex_);
    JsonWriter out;
    out.BeginObject().Key("events").BeginArray();
    for (const EventPtr& event : history_) {
      if (event->id > since) {
        out.BeginObject().Field("id", event->id).Field("emitter", event->emitter).Field("seq", event->seq);
        out.Field("type", event->type)
            .Field("app", event->app)
            .Field("at", event->at)
            .Key("data")
            .Raw(event->json);
        out.EndObject();
      }
    }
    out.EndArray().Field("last", world_->LastEventId()).EndObject();
    return Json(out.Take());
  }
  return MessageReply(404,
                      "no such control: state, tasks/ID/.., agents/HOST/.., leader, clock, restart, faults, "
                      "requests, events");
}

}  // namespace dispatcher::sim
