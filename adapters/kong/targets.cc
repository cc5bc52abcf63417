// Upstreams and targets. Three contracts for a target that is there already: until
// 2.1 each POST is a new row, from 2.2 on POST or PATCH changes it, from 3.0 on POST
// of it is 409. A look first, then POST for a new one and PATCH for a changed one
// is right in all of them but the first, where a change is a POST too.
#include <utility>

#include "adapters/kong/write.h"
#include "dispatcher/base/log.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

void WriteTags(JsonWriter& json, const std::vector<std::string>& tags) {
  if (!tags.empty()) {
    json.Key("tags").Raw(ListText(tags));
  }
}

}  // namespace

absl::Status KongWrite::PutUpstream(const Entry& entry, const std::string& body) {
  const std::string name = KongName(site_.owner, body);
  absl::StatusOr<std::optional<JsonDocument>> found = api_.Find(HttpPath("/upstreams", {name}), cancel_);
  RETURN_IF_ERROR(Noted(found.status()));
  const std::vector<std::string> tags = TagsFor(entry, body);
  if (!found->has_value()) {
    JsonWriter json;
    json.BeginObject().Field("name", name);
    WriteTags(json, tags);
    json.EndObject();
    return Send("POST", "/upstreams", json.Take()).status();
  }
  if (!version_.HasTags()) {
    return absl::OkStatus();
  }
  const JsonView there = (*found)->root();
  const KongMark mark = ParseMark(there["tags"]);
  if (mark.owner != site_.owner) {
    return Error(absl::StatusCode::kFailedPrecondition, "upstream \"", name,
                 "\" in Kong lacks our tag: remove it, or choose another owner");
  }
  if (TagsOf(mark) == tags) {
    return absl::OkStatus();
  }
  JsonWriter json;
  json.BeginObject();
  WriteTags(json, Joined(tags, OtherTags(there["tags"])));
  json.EndObject();
  return Send("PATCH", HttpPath("/upstreams", {name}), json.Take()).status();
}

absl::Status KongWrite::CheckOwnUpstream(const std::string& body) {
  if (!version_.HasTags() || site_.book->HasUpstream(body)) {
    return absl::OkStatus();  // before 1.1 its name is all there is
  }
  const std::string name = KongName(site_.owner, body);
  const absl::StatusOr<std::optional<JsonDocument>> found =
      api_.Find(HttpPath("/upstreams", {name}), cancel_);
  RETURN_IF_ERROR(found.status());
  if (!found->has_value()) {
    return absl::NotFoundError("no upstream " + name);
  }
  if (ParseMark((*found)->root()["tags"]).owner != site_.owner) {
    return Error(absl::StatusCode::kFailedPrecondition, "upstream \"", name,
                 "\" in Kong lacks our tag: it is left alone");
  }
  return absl::OkStatus();
}

absl::StatusOr<KongWrite::Targets*> KongWrite::TargetsOf(const std::string& body) {
  if (const auto known = targets_.find(body); known != targets_.end()) {
    return &known->second;
  }
  absl::Status status = CheckOwnUpstream(body);
  Targets targets;
  if (status.ok()) {
    absl::StatusOr<std::vector<KongTarget>> rows =
        ReadTargets(api_, version_, KongName(site_.owner, body), cancel_);
    status = rows.status();
    if (rows.ok()) {
      for (KongTarget& row : *rows) {
        const std::string address = row.address;
        targets[address] = std::move(row);
      }
    }
  }
  if (status.code() == absl::StatusCode::kNotFound) {
    site_.book->DropUpstream(body);
    return nullptr;
  }
  RETURN_IF_ERROR(Noted(status));
  site_.book->AddUpstream(body);
  return &(targets_[body] = std::move(targets));
}

absl::Status KongWrite::PutTarget(const Entry& entry, const KongId& id) {
  RETURN_IF_ERROR(CheckTarget(entry));
  ASSIGN_OR_RETURN(Targets* const targets, TargetsOf(id.body));
  const std::string upstream = KongName(site_.owner, id.body);
  if (targets == nullptr) {
    return Error(absl::StatusCode::kAborted, "there is no upstream \"", upstream, "\" in Kong yet");
  }
  const std::string collection = HttpPath("/upstreams", {upstream}) + "/targets";
  const std::string address(FieldOf(entry, "address"));
  const int64_t weight = ParseInt(FieldOf(entry, "weight")).value_or(1);
  std::vector<std::string> tags = TagsFor(entry, id.body);
  const auto there = targets->find(address);
  if (there != targets->end()) {
    const KongTarget& seen = there->second;
    if (version_.HasTags() && seen.mark.owner != site_.owner) {
      return Error(absl::StatusCode::kFailedPrecondition, "target ", address, " of upstream \"", upstream,
                   "\" in Kong was put there by somebody else: remove it, and it will be put back as ours");
    }
    if (seen.weight == weight && (!version_.HasTags() || TagsOf(seen.mark) == tags)) {
      return absl::OkStatus();
    }
    tags = Joined(std::move(tags), seen.other_tags);
  }
  JsonWriter json;
  json.BeginObject().Field("target", address).Field("weight", weight);
  WriteTags(json, tags);
  json.EndObject();
  const std::string text = json.Take();
  absl::Status status;
  if (there != targets->end() && version_.UpdatesTargets()) {
    status = Send("PATCH", HttpPath(collection, {there->second.id}), text).status();
  } else {
    status = Send("POST", collection, text).status();
    if (status.code() == absl::StatusCode::kAlreadyExists && version_.HidesIdleTargets()) {
      status = Send("PATCH", HttpPath(collection, {address}), text).status();
    }
  }
  return status;
}

absl::Status KongWrite::DeleteTarget(const KongId& id) {
  ASSIGN_OR_RETURN(Targets* const targets, TargetsOf(id.body));
  if (targets == nullptr) {
    return absl::OkStatus();
  }
  const auto there = targets->find(id.address);
  if (there == targets->end() || (version_.HasTags() && there->second.mark.owner != site_.owner)) {
    return absl::OkStatus();  // nothing of ours
  }
  const KongTarget& seen = there->second;
  const std::string collection = HttpPath("/upstreams", {KongName(site_.owner, id.body)}) + "/targets";
  absl::Status status;
  if (version_.DeletesTargets()) {
    // Until 2.1 a row's id is only that of its latest form.
    status = Send("DELETE", HttpPath(collection, {version_.UpdatesTargets() ? seen.id : seen.text})).status();
  } else {
    JsonWriter json;
    json.BeginObject().Field("target", seen.text).Field("weight", 0).EndObject();
    status = Send("POST", collection, json.Take()).status();
  }
  return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
}

absl::Status KongWrite::DeleteUpstream(const std::string& body) {
  const std::string name = KongName(site_.owner, body);
  ASSIGN_OR_RETURN(const Targets* const targets, TargetsOf(body));
  if (targets == nullptr) {
    return absl::OkStatus();
  }
  std::string foreign;
  for (const auto& [address, target] : *targets) {
    if (version_.HasTags() && target.mark.owner != site_.owner) {
      foreign.append(foreign.empty() ? "" : ", ").append(address);
    }
  }
  if (!foreign.empty() && !site_.delete_with_plugins) {
    return Error(absl::StatusCode::kFailedPrecondition, "upstream \"", name,
                 "\" has targets of others, which would go with it (", foreign,
                 "): remove them, or set delete_with_plugins: true");
  }
  // Nothing in Kong protects an upstream that a service still sends to.
  std::string guests;
  bool used = false;
  if (version_.HasServices()) {
    ASSIGN_OR_RETURN(const Pair pair, FindPair(body));
    used = pair.service && pair.service->host == name;
    if (used) {
      ASSIGN_OR_RETURN(guests, GuestsOf(pair));
    }
  } else {
    ASSIGN_OR_RETURN(const std::optional<KongApiObject> api, FindApi(name));
    used = api && api->service.host == name;
    if (used) {
      ASSIGN_OR_RETURN(guests, PluginsOn(HttpPath("/apis", {name}), "API \"" + name + "\""));
    }
  }
  RETURN_IF_ERROR(CheckGuests(guests, "upstream \"" + name + "\" with the service that sends to it"));
  if (used) {
    return Error(absl::StatusCode::kAborted, "upstream \"", name,
                 "\" stays until nothing sends to it any more");
  }
  if (!foreign.empty()) {
    LogWarning("deleting a Kong upstream with targets of others", {{"upstream", name}, {"targets", foreign}});
  }
  const absl::Status status = Send("DELETE", HttpPath("/upstreams", {name})).status();
  return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
}

}  // namespace dispatcher
