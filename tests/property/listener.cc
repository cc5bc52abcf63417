#include "tests/property/listener.h"

#include <algorithm>
#include <tuple>

#include "dispatcher/base/json.h"
#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/event.h"

namespace dispatcher {
namespace {

AppSeen ToSeen(AppElement element, uint64_t read, const ReadMark& mark) {
  AppSeen seen;
  seen.read = read;
  seen.mark = mark;
  seen.definition = std::move(element.definition);
  seen.has_tasks = element.has_tasks;
  seen.tasks = std::move(element.tasks);
  seen.deployments = std::move(element.deployments);
  seen.ready_tasks = std::move(element.ready_tasks);
  return seen;
}

// What an agent's name resolves to.
std::string AddressOf(const std::string& host) {
  return host.starts_with("agent") ? "10.0.0." + host.substr(5) : host;
}

std::string Look(const std::shared_ptr<const Service>& service) {
  if (service == nullptr) {
    return "";
  }
  std::string text(service->reason);
  const auto add = [&text](auto value) { text.append(" ").append(std::to_string(static_cast<int>(value))); };
  add(service->want), add(service->why), add(service->complete), add(service->missing);
  if (service->profile != nullptr) {
    for (const std::string& part : service->profile->names) {
      text.append(" ").append(part);
    }
    add(service->profile->checks.size());
  }
  for (const auto& i : service->instances) {
    text.append("\n").append(i->task).append("@").append(i->address).append(" ").append(i->host);
    text.append(" ").append(i->version).append(" ").append(i->reason);
    add(i->port), add(i->condition), add(i->want), add(i->why);
  }
  return text;
}

}  // namespace

Listener::Listener(CatalogPolicy policy) : catalog_(std::move(policy)) {}

void Listener::Note(const Observation& what) {
  const auto name = [this](const TaskId& task, const std::string& host, const std::vector<int>& ports,
                           const std::vector<std::string>& ips) {
    named_[task].insert(ips.begin(), ips.end());
    for (const int port : ports) {
      named_[task].insert(AddressOf(host) + ":" + std::to_string(port));
    }
  };
  if (const auto* update = std::get_if<TaskUpdate>(&what); update != nullptr) {
    name(update->task, update->host, update->ports, update->ips);
    if (update->life == Life::kTerminal) {
      ended_.insert(update->task);
    }
  } else if (const auto* seen = std::get_if<AppSeen>(&what); seen != nullptr) {
    for (const TaskSeen& task : seen->tasks) {
      name(task.task, task.host, task.ports, task.ips);
    }
  }
}

void Listener::Push(Observation what) {
  if (std::holds_alternative<StreamAttached>(what)) {
    ++generation_;
  }
  Note(what);
  const size_t kind = what.index();
  const bool tick = std::holds_alternative<Tick>(what);
  const Effects effects = catalog_.Step({++seq_, generation_, now_, std::move(what)}, now_);
  for (const ReadWanted& read : effects.reads) {
    // As whoever carries them out does: one of each, at the earlier time.
    const auto same = std::find_if(wanted_.begin(), wanted_.end(), [&](const ReadWanted& waiting) {
      return std::tie(waiting.what, waiting.app, waiting.version, waiting.host) ==
             std::tie(read.what, read.app, read.version, read.host);
    });
    if (same == wanted_.end()) {
      wanted_.push_back(read);
    } else {
      same->not_before = std::min(same->not_before, read.not_before);
    }
  }
  dirty_.insert(effects.dirty.begin(), effects.dirty.end());
  CheckDirty(effects, kind);
  CheckWake(effects, tick);
  Check();
}

// Whoever builds the dirty services alone must know all.
void Listener::CheckDirty(const Effects& effects, size_t kind) {
  for (const ServiceKey& key : effects.dirty) {
    built_[key] = Look(catalog_.Build(key));
  }
  std::vector<ServiceKey> keys = catalog_.Keys();
  for (const AppId& app : catalog_.Apps()) {
    keys.push_back({app, kAnyPort});
  }
  for (const auto& [key, look] : built_) {
    if (!look.empty()) {  // else its app was forgotten: kAnyPort speaks for it
      keys.push_back(key);
    }
  }
  for (const ServiceKey& key : keys) {
    const auto known = built_.find(key);
    const std::string before = known == built_.end() ? "" : known->second;
    if (const std::string after = Look(catalog_.Build(key)); before != after) {
      violation_ = "observation " + std::to_string(kind) + " changed " + key.app + ":" +
                   std::to_string(key.port) + " and did not say so, from\n" + before + "\nto\n" + after;
    }
  }
}

// A deadline that has been kept must not be asked for again: the loop would spin.
void Listener::CheckWake(const Effects& effects, bool tick) {
  if (tick && effects.wake.has_value() && *effects.wake <= now_) {
    violation_ = "a wake that has passed is asked for again";
  }
}

void Listener::Check() {
  for (const ServiceKey& key : dirty_) {
    const std::shared_ptr<const Service> service = catalog_.Build(key);
    if (service == nullptr) {
      continue;
    }
    for (const auto& instance : service->instances) {
      if (instance->want != dispatcher::Want::kYes) {
        continue;
      }
      const std::string address = instance->address + ":" + std::to_string(instance->port);
      const std::set<std::string>& named = named_[instance->task];
      // A task's own address goes with the container's ports, which are as declared.
      const bool own = instance->port >= 8080 && instance->port < 8090 && named.contains(instance->address);
      if (!own && !named.contains(address)) {
        violation_ = "invented " + address + " for " + instance->task;
      }
      if (ended_.contains(instance->task)) {
        violation_ = "resurrected " + instance->task;
      }
    }
  }
  dirty_.clear();
}

void Listener::Attach(const world::World& w) {
  Push(StreamAttached{w.leader()});
  AnswerReads(w);
}

void Listener::Lose() { Push(StreamLost{absl::UnavailableError("cut")}); }

void Listener::Pass(Duration time) {
  now_ += time;
  Push(Tick{});
}

void Listener::Deliver(const world::Event& event) {
  absl::StatusOr<DecodedEvent> decoded = DecodeEvent(event.json);
  if (!decoded.ok()) {
    violation_ = "not decoded: " + Text(decoded.status());
    return;
  }
  for (Observation& what : decoded->observations) {
    ++events_;
    Push(std::move(what));
  }
}

void Listener::ReadApp(const AppId& app, const world::World& w) {
  ReadEnded ended;
  ended.read = ++read_number_;
  ended.mark = {seq_, generation_, w.leader()};
  ended.scope = ReadScope::kApp;
  ended.app = app;
  const std::optional<std::string> json = w.AppJson(app);
  if (!json.has_value()) {
    ended.status = absl::NotFoundError("no such app");
  } else if (absl::StatusOr<AppElement> element = DecodeAppText(*json); element.ok()) {
    ended.apps = 1;
    Push(ToSeen(*std::move(element), ended.read, ended.mark));
  } else {
    violation_ = "not decoded: " + Text(element.status());
  }
  Push(std::move(ended));
}

void Listener::ReadVersion(const ReadWanted& read, const world::World& w) {
  VersionSeen seen{read.app, read.version, nullptr, absl::NotFoundError("no such version")};
  if (const std::optional<std::string> json = w.VersionJson(read.app, read.version); json.has_value()) {
    if (absl::StatusOr<AppElement> element = DecodeAppText(*json); element.ok()) {
      seen.definition = element->definition;
      seen.status = absl::OkStatus();
    }
  }
  Push(std::move(seen));
}

void Listener::Snapshot(const world::World& w) {
  ReadEnded ended;
  ended.read = ++read_number_;
  ended.mark = {seq_, generation_, w.leader()};
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(w.AppsJson());
  if (!document.ok()) {
    violation_ = "not JSON: " + Text(document.status());
    return;
  }
  document->root()["apps"].ForEach([&](JsonView app) {
    if (absl::StatusOr<AppElement> element = DecodeApp(app); element.ok()) {
      ++ended.apps;
      Push(ToSeen(*std::move(element), ended.read, ended.mark));
    } else {
      violation_ = "not decoded: " + Text(element.status());
    }
  });
  Push(std::move(ended));
}

void Listener::AnswerReads(const world::World& w) {
  std::deque<ReadWanted> now;
  now.swap(wanted_);
  for (const ReadWanted& read : now) {
    if (read.not_before > now_) {
      wanted_.push_back(read);
      continue;
    }
    ++reads_made_;
    switch (read.what) {
      case ReadWanted::What::kSnapshot:
        Snapshot(w);
        break;
      case ReadWanted::What::kApp:
        ReadApp(read.app, w);
        break;
      case ReadWanted::What::kVersion:
        ReadVersion(read, w);
        break;
      case ReadWanted::What::kInfo:
        Push(MarathonInfo{w.profile().version, w.framework(), w.leader()});
        break;
      case ReadWanted::What::kResolve:
        Push(HostResolved{read.host, {AddressOf(read.host)}, absl::OkStatus()});
        break;
    }
  }
}

void Listener::Finish(const world::World& w) {
  for (int i = 0; i < 100 && !wanted_.empty(); ++i) {
    AnswerReads(w);
    now_ += std::chrono::seconds(1);
    Push(Tick{});
  }
}

Desired Listener::Want() const {
  Desired lines;
  for (const ServiceKey& key : catalog_.Keys()) {
    const std::shared_ptr<const Service> service = catalog_.Build(key);
    for (const auto& instance : service->instances) {
      if (instance->want == dispatcher::Want::kYes) {
        lines.push_back(instance->profile->names.front() + " " + instance->address + ":" +
                        std::to_string(instance->port) + " " + instance->task +
                        (instance->condition == Condition::kCritical ? " critical" : " passing"));
      }
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

}  // namespace dispatcher
