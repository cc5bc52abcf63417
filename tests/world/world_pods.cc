// World's calls and reads that concern pods (Marathon 1.4+; 404 before, see the stand-in).
#include "tests/world/deploy.h"
#include "tests/world/emit.h"
#include "tests/world/ids.h"
#include "tests/world/life.h"
#include "tests/world/operate.h"
#include "tests/world/pod.h"
#include "tests/world/world.h"

namespace dispatcher::world {
namespace {

const App* ShownPod(const State& s, std::string_view id) {
  const auto it = s.apps.find(id);
  return it == s.apps.end() || it->second.shown == nullptr || !it->second.shown->is_pod
             ? nullptr
             : it->second.shown.get();
}

std::shared_ptr<const App> TargetPod(const State& s, std::string_view id) {
  const auto it = s.apps.find(id);
  const bool pod = it != s.apps.end() && it->second.target != nullptr && it->second.target->is_pod;
  return pod ? it->second.target : nullptr;
}

Reply NoSuchPod(std::string_view id) { return Say(404, "Pod '" + std::string(id) + "' does not exist"); }

// Whether only the number of instances differs.
bool OnlyScalingDiffers(const App& a, const App& b) {
  auto x = a.fields, y = b.fields;
  x.erase("scaling");
  y.erase("scaling");
  return x == y;
}

}  // namespace

Reply World::PutPod(std::string_view given, std::string_view body, bool force) {
  const auto document = JsonDocument::Parse(body);
  if (!document.ok() || !document->root().IsObject()) {
    return Say(400, "Invalid JSON");
  }
  const bool create = given.empty();
  const std::string id = AbsoluteId(create ? document->root()["id"].StringOr("") : given);
  const std::shared_ptr<const App> before = TargetPod(state_, id);
  if (!create && before == nullptr) {
    return NoSuchPod(id);
  }
  if (const auto it = state_.apps.find(id);
      create && it != state_.apps.end() && it->second.target != nullptr) {
    return Say(409, "An app or pod with id [" + id + "] already exists.");
  }
  std::map<std::string, std::string> fields = FieldsOf(document->root());
  fields.erase("version");
  JsonWriter name;
  name.String(id);
  fields["id"] = name.Take();
  std::vector<Complaint> complaints;
  App pod = ReadPod(std::move(fields), complaints);
  if (!complaints.empty()) {
    return Invalid(complaints);
  }
  const std::string version = NewVersion(state_);
  pod.version = pod.last_scaling_at = pod.last_config_change_at = version;
  if (before != nullptr && OnlyScalingDiffers(*before, pod)) {
    pod.last_config_change_at = before->last_config_change_at;
  }
  const auto to = std::make_shared<const App>(std::move(pod));
  Reply reply = Deploy(state_, {{id, to}}, version, GroupOf(id), create ? "/v2/pods" : "/v2/pods" + id, force,
                       create ? 201 : 200);
  if (reply.ok()) {
    JsonWriter out;
    WritePodSpec(out, *to);
    reply.body = out.Take();
  }
  return reply;
}

Reply World::PostPod(std::string_view body, bool force) { return PutPod("", body, force); }

Reply World::DeletePod(std::string_view given, bool force) {
  const std::string id = AbsoluteId(given);
  if (TargetPod(state_, id) == nullptr) {
    return NoSuchPod(id);
  }
  return Deploy(state_, {{id, nullptr}}, NewVersion(state_), GroupOf(id), "/v2/pods" + id, force, 202);
}

Reply World::KillPodInstance(std::string_view given, std::string_view instance) {
  const std::string id = AbsoluteId(given);
  if (TargetPod(state_, id) == nullptr) {
    return NoSuchPod(id);
  }
  const auto it = state_.tasks.find(instance);
  if (it == state_.tasks.end() || it->second.app_id != id) {
    return Say(404, "pod instance '" + std::string(instance) + "' does not exist");
  }
  Kill(state_, std::string(instance));
  Work(state_);
  return {200, "{}", ""};
}

std::string World::PodsStatusJson() const {
  JsonWriter out;
  out.BeginArray();
  for (const auto& [id, entry] : state_.apps) {
    if (const App* pod = ShownPod(state_, id)) {
      WritePodStatus(out, state_, *pod);
    }
  }
  out.EndArray();
  return out.Take();
}

std::optional<std::string> World::PodStatusJson(std::string_view id) const {
  const App* pod = ShownPod(state_, id);
  if (pod == nullptr) {
    return std::nullopt;
  }
  JsonWriter out;
  WritePodStatus(out, state_, *pod);
  return out.Take();
}

std::optional<std::string> World::PodJson(std::string_view id, std::string_view version) const {
  const App* pod = ShownPod(state_, id);
  if (pod != nullptr && !version.empty()) {
    const auto& versions = state_.apps.find(id)->second.versions;
    const auto it = versions.find(std::string(version));
    pod = it == versions.end() ? nullptr : it->second.get();
  }
  if (pod == nullptr) {
    return std::nullopt;
  }
  JsonWriter out;
  WritePodSpec(out, *pod);
  return out.Take();
}

std::optional<std::string> World::PodVersionsJson(std::string_view id) const {
  if (ShownPod(state_, id) == nullptr) {
    return std::nullopt;
  }
  JsonWriter out;
  out.BeginArray();
  for (const auto& [version, pod] : state_.apps.find(id)->second.versions) {
    out.String(version);
  }
  out.EndArray();
  return out.Take();
}

}  // namespace dispatcher::world
