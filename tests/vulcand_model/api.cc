// The API's answers.
#include <algorithm>
#include <utility>

#include "dispatcher/base/strings.h"
#include "tests/vulcand_model/model.h"

namespace dispatcher::testing {
namespace {

bool Take(int& count) {
  if (count == 0) {
    return false;
  }
  count -= count > 0 ? 1 : 0;
  return true;
}

HttpReply Json(std::string body, int status = 200) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body);
  return reply;
}

HttpReply Said(int status, std::string_view message) {
  JsonWriter json;
  return Json(json.BeginObject().Field("message", message).EndObject().Take(), status);
}

std::vector<std::string> Parts(std::string_view path) {
  std::vector<std::string> parts;
  for (const std::string_view part : Split(path, '/')) {
    parts.emplace_back(part);
  }
  return parts;
}

// Which object is to be there first and isn't, "" if it is.
std::string Missing(const std::map<std::string, std::string>& keys, const std::string& above) {
  return !keys.contains(above) ? above.substr(0, above.rfind('/')) : std::string();
}

}  // namespace

HttpReply VulcandModel::Refused(const absl::Status& status) const {
  const bool always_400 = absl::IsFailedPrecondition(status) || options_.version == VulcandVersion::kBeta3;
  return Said(always_400 ? 400 : 500, Message(status));
}

HttpReply VulcandModel::NotFound(const std::string& key) const {
  return Said(404,
              options_.etcd_version == 3 ? "Key not found" : "100: Key not found (/vulcand/" + key + ") [1]");
}

HttpReply VulcandModel::Call(const std::string& method, const std::string& path, const std::string& body) {
  HttpCall call;
  call.method = method;
  call.path = path.substr(0, path.find('?'));
  call.body = body;
  return Answer(call);
}

HttpReply VulcandModel::Answer(const HttpCall& call) {
  if (call.path.starts_with("/sim/")) {
    return Admin(call);
  }
  HttpReply reply;
  bool late = false;
  {
    MutexLock lock(mutex_);
    if (faults_.slow_ms > 0) {
      const Mono end = MonoClock::now() + std::chrono::milliseconds(faults_.slow_ms);
      while (!stop_ && MonoClock::now() < end) {
        changed_.WaitUntil(mutex_, end);
      }
    }
    if (call.method == "GET") {
      if (Take(faults_.fail_reads)) {
        return Said(500, "client: etcd cluster is unavailable or misconfigured");
      }
      if (Take(faults_.odd_reads)) {
        return Json("{}");
      }
      reply = Read(call.path);
      if (Take(faults_.cut_reads)) {
        reply.body.resize(reply.body.size() / 2);
      }
      return reply;
    }
    while (faults_.hold_writes && !stop_) {
      changed_.Wait(mutex_);
    }
    ++writes_;
    if (Take(faults_.fail_writes)) {
      return options_.version == VulcandVersion::kBeta3
                 ? Said(400,
                        "501: All the given peers are not reachable (Tried to connect to each peer twice)")
                 : Said(500, "client: etcd cluster is unavailable or misconfigured");
    }
    if ((faults_.lose_half_of_writes && chance_() % 2 == 0) || Take(faults_.lose_writes)) {
      return Json("{}");
    }
    reply = Write(call);
    if (Take(faults_.lose_answers)) {
      reply = Said(500, "context deadline exceeded");
    }
    late = faults_.late_ms > 0;
  }
  if (!late) {
    Settle();  // the real one takes a millisecond or two, which no test should have to wait for
  }
  return reply;
}

std::string VulcandModel::List(const std::string& prefix, const std::string& suffix,
                               bool null_if_empty) const {
  std::string list;
  for (auto key = keys_.lower_bound(prefix); key != keys_.end() && key->first.starts_with(prefix); ++key) {
    const std::string rest = key->first.substr(prefix.size());
    if (rest.ends_with(suffix) &&
        rest.find('/') == (suffix.empty() ? std::string::npos : rest.size() - suffix.size())) {
      list += (list.empty() ? "" : ",") + key->second;
    }
  }
  const bool null =
      null_if_empty && list.empty() && options_.version == VulcandVersion::k092 && options_.etcd_version == 3;
  return null ? "null" : "[" + list + "]";
}

HttpReply VulcandModel::Read(const std::string& path) {
  if (path == "/v2/status" || path == "/v1/status") {
    return Json(R"({"Status":"ok"})");
  }
  const std::vector<std::string> parts = Parts(path);  // "", "v2", collection, ...
  if (parts.size() < 3 || parts[1] != "v2") {
    return Said(404, "Object not found");
  }
  const std::string& collection = parts[2];
  if (parts.size() == 3) {
    if (collection == "backends") {
      return Json("{\"Backends\":" + List("backends/", "/backend", false) + "}");
    }
    if (collection == "frontends") {
      return Json("{\"Frontends\":" + List("frontends/", "/frontend", false) + "}");
    }
    if (collection == "listeners") {
      return Json("{\"Listeners\":" + List("listeners/", "", true) + "}");
    }
    return collection == "hosts" ? Json("{\"Hosts\":" + List("hosts/", "/host", true) + "}")
                                 : Said(404, "Object not found");
  }
  const std::string key = path.substr(std::string("/v2/").size());
  if (parts.size() == 5 && collection == "backends" && parts[4] == "servers") {
    return Json("{\"Servers\":" + List(key + "/", "", true) + "}");
  }
  if (parts.size() == 5 && collection == "frontends" && parts[4] == "middlewares") {
    return Json("{\"Middlewares\":" + List(key + "/", "", true) + "}");
  }
  const auto found = keys_.find(parts.size() > 4            ? key
                                : collection == "backends"  ? key + "/backend"
                                : collection == "frontends" ? key + "/frontend"
                                : collection == "listeners" ? key
                                                            : key + "/host");
  return found == keys_.end() ? NotFound(key) : Json(found->second);
}

HttpReply VulcandModel::Write(const HttpCall& call) {
  const std::vector<std::string> parts = Parts(call.path);
  const size_t size = parts.size();
  const bool top = size >= 3 && parts[1] == "v2";
  const bool nested = size >= 5 && ((parts[2] == "backends" && parts[4] == "servers") ||
                                    (parts[2] == "frontends" && parts[4] == "middlewares"));
  constexpr std::string_view kCollections[] = {"backends", "frontends", "listeners", "hosts"};
  const bool known =
      top && std::find(std::begin(kCollections), std::end(kCollections), parts[2]) != std::end(kCollections);
  if (call.method == "POST" && known && (size == 3 || (size == 5 && nested))) {
    return Post(nested ? parts[4] : parts[2], nested ? parts[3] : "", call.body);
  }
  if (call.method == "DELETE" && known && ((size == 4 && !parts[3].empty()) || (size == 6 && nested))) {
    return Delete(call.path.substr(std::string("/v2/").size()), size == 6 ? parts[4] : parts[2]);
  }
  return Said(404, "Object not found");
}

HttpReply VulcandModel::Post(const std::string& collection, const std::string& parent,
                             const std::string& body) {
  const std::string kind = collection == "backends"    ? "Backend"
                           : collection == "servers"   ? "Server"
                           : collection == "frontends" ? "Frontend"
                           : collection == "listeners" ? "Listener"
                           : collection == "hosts"     ? "Host"
                                                       : "Middleware";
  const absl::StatusOr<WireObject> object = ParseWire(options_.version, kind, body);
  if (!object.ok()) {
    return Refused(object.status());
  }
  std::string key, gone;
  if (kind == "Server") {
    key = "backends/" + parent + "/servers/" + object->id;
    gone = Missing(keys_, "backends/" + parent + "/backend");
  } else if (kind == "Middleware") {
    key = "frontends/" + parent + "/middlewares/" + object->id;
    gone = Missing(keys_, "frontends/" + parent + "/frontend");
  } else if (kind == "Frontend") {
    key = "frontends/" + object->id + "/frontend";
    const auto document = JsonDocument::Parse(object->json);
    gone = Missing(keys_, "backends/" + document->root()["BackendId"].StringOr("") + "/backend");
  } else {
    key = kind == "Backend" ? "backends/" + object->id + "/backend"
          : kind == "Host"  ? "hosts/" + object->id + "/host"
                            : "listeners/" + object->id;
  }
  if (!gone.empty()) {
    return NotFound(gone);
  }
  Store(key, object->json);
  return Json(object->json);
}

HttpReply VulcandModel::Delete(const std::string& key, const std::string& what) {
  if (what == "backends") {
    const std::string id = key.substr(key.find('/') + 1);
    for (const auto& [stored, json] : keys_) {
      const bool frontend = stored.starts_with("frontends/") && stored.ends_with("/frontend");
      if (frontend && JsonDocument::Parse(json)->root()["BackendId"].StringOr("") == id) {
        return Refused(absl::InvalidArgumentError("can not delete backend '" + id + "', it is in use by [" +
                                                  stored + "]"));
      }
    }
  }
  const bool there = std::any_of(keys_.begin(), keys_.end(), [&](const auto& stored) {
    return stored.first == key || stored.first.starts_with(key + "/");
  });
  if (!there && options_.etcd_version == 2) {
    // Named is the first part of the path that is missing.
    const std::string parent = key.substr(0, key.find('/', key.find('/') + 1));
    const auto below = keys_.lower_bound(parent + "/");
    const bool orphan = below == keys_.end() || !below->first.starts_with(parent + "/");
    return NotFound(orphan ? parent : key);
  }
  Erase(key);
  std::string name = what.substr(0, what.size() - 1);
  name[0] = static_cast<char>(name[0] - 'a' + 'A');
  if (what == "hosts") {
    name.append(" '").append(key.substr(key.find('/') + 1)).append("'");
  }
  return Said(200, name + " deleted");
}

HttpReply VulcandModel::Admin(const HttpCall& call) {
  if (call.method == "POST" && call.path == "/sim/lose-data") {
    LoseData();
  } else if (call.method == "POST" && call.path == "/sim/restart") {
    Restart();
  } else if (call.method == "POST" && call.path == "/sim/faults") {
    const absl::StatusOr<JsonDocument> body = JsonDocument::Parse(call.body);
    MutexLock lock(mutex_);
    const absl::Status merged = body.ok() ? faults_.Merge(body->root()) : body.status();
    changed_.NotifyAll();
    return merged.ok() ? Json("{}") : Said(400, Message(merged));
  } else {
    return Said(404, "POST /sim/faults, /sim/lose-data or /sim/restart");
  }
  return Json("{}");
}

}  // namespace dispatcher::testing
