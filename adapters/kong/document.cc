#include "adapters/kong/document.h"

#include <utility>

#include "adapters/may_write.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

void WriteTags(JsonWriter& json, const std::string& owner, const std::string& body, const Entry& entry) {
  KongMark mark;
  mark.owner = owner;
  mark.body = body;
  mark.framework = entry.framework;
  mark.task = entry.task;
  mark.key = entry.service;
  json.Key("tags").Raw(ListText(TagsOf(mark)));
}

void WriteService(JsonWriter& json, const std::string& owner, const std::string& body, const Entry& entry) {
  const std::string name = KongName(owner, FieldOf(entry, "name"));
  const std::string_view to = FieldOf(entry, "to");
  json.BeginObject().Field("name", name);
  json.Field("url", to == kToTargets ? "http://" + KongName(owner, body) : std::string(to));
  WriteTags(json, owner, body, entry);
  json.Key("routes").BeginArray().BeginObject().Field("name", name);
  for (const char* key : {"hosts", "paths"}) {
    if (const std::string_view list = FieldOf(entry, key); !list.empty() && list != "[]") {
      json.Key(key).Raw(list);
    }
  }
  json.Field("preserve_host", FieldOf(entry, "preserve-host").empty());
  json.Field("strip_path", FieldOf(entry, "strip-path") == "true");
  WriteTags(json, owner, body, entry);
  json.EndObject().EndArray().EndObject();
}

// configuration_hash of /status; "" before 2.8.
std::string HashOf(KongApi& api, const Cancel& cancel) {
  const absl::StatusOr<JsonDocument> status = api.Get("/status", "", cancel);
  return status.ok() ? status->root()["configuration_hash"].StringOr("") : "";
}

absl::Status Check(const KongSite& site, const Change& change, const KongEntries& wanted) {
  const std::optional<KongId> id = ParseId(site.owner, change.id.id);
  if (!id) {
    return change.op == Op::kDelete ? absl::OkStatus()
                                    : absl::InvalidArgumentError("no entry of ours: " + change.id.id);
  }
  if (change.op == Op::kDelete || change.id.kind != kTargetKind) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckTarget(*change.entry));
  if (!wanted.contains({"", std::string(kUpstreamKind), StructureId(site.owner, id->body)})) {
    return Error(absl::StatusCode::kAborted, "there is no upstream \"", KongName(site.owner, id->body),
                 "\" in Kong yet");
  }
  return absl::OkStatus();
}

bool Same(const KongEntries& a, const KongEntries& b) {
  if (a.size() != b.size()) {
    return false;
  }
  for (auto i = a.begin(), j = b.begin(); i != a.end(); ++i, ++j) {
    if (i->first != j->first || i->second.Fingerprint() != j->second.Fingerprint() ||
        i->second.framework != j->second.framework) {
      return false;
    }
  }
  return true;
}

}  // namespace

std::string KongDocumentText(const std::string& owner, const KongVersion& version,
                             const KongEntries& entries) {
  JsonWriter json;
  json.BeginObject();
  json.Field("_format_version", version.AtLeast(3, 0) ? "3.0" : version.AtLeast(2, 1) ? "2.1" : "1.1");
  json.Key("services").BeginArray();
  std::map<std::string, std::vector<const Entry*>> targets;
  for (const auto& [id, entry] : entries) {
    const std::optional<KongId> parsed = ParseId(owner, id.id);
    if (parsed && id.kind == kServiceKind) {
      WriteService(json, owner, parsed->body, entry);
    } else if (parsed && id.kind == kTargetKind) {
      targets[parsed->body].push_back(&entry);
    }
  }
  json.EndArray().Key("upstreams").BeginArray();
  for (const auto& [id, entry] : entries) {
    const std::optional<KongId> parsed = ParseId(owner, id.id);
    if (!parsed || id.kind != kUpstreamKind) {
      continue;
    }
    json.BeginObject().Field("name", KongName(owner, parsed->body));
    WriteTags(json, owner, parsed->body, entry);
    json.Key("targets").BeginArray();
    for (const Entry* target : targets[parsed->body]) {
      json.BeginObject().Field("target", FieldOf(*target, "address"));
      json.Field("weight", ParseInt(FieldOf(*target, "weight")).value_or(1));
      WriteTags(json, owner, parsed->body, *target);
      json.EndObject();
    }
    json.EndArray().EndObject();
  }
  json.EndArray().EndObject();
  return json.Take();
}

absl::Status KongDocument::Refresh(const KongSite& site, const Cancel& cancel) {
  if (!hash_.empty() && HashOf(*site.api, cancel) == hash_) {
    return absl::OkStatus();
  }
  hash_.clear();
  KongEntries found;
  RETURN_IF_ERROR(ReadKong(site, cancel, [&](Entry entry) {
    const EntryId id = entry.id;
    found[id] = std::move(entry);
  }));
  loaded_ = std::move(found);
  return absl::OkStatus();
}

absl::Status KongDocument::Load(const KongSite& site, const KongVersion& version, const KongEntries& wanted,
                                const Cancel& cancel) {
  JsonWriter json;
  json.BeginObject().Field("config", KongDocumentText(site.owner, version, wanted)).EndObject();
  ASSIGN_OR_RETURN(const HttpResponse response,
                   site.api->Call("POST", "/config", "check_hash=1", json.Take(), cancel));
  if (response.status != 304) {  // 304: the very same is loaded already
    RETURN_IF_ERROR(KongApi::StatusOf(response));
  }
  loaded_ = wanted;
  hash_ = HashOf(*site.api, cancel);
  return absl::OkStatus();
}

std::vector<absl::Status> KongDocument::Write(const KongSite& site, const KongVersion& version,
                                              std::span<const Change> changes, Mono deadline,
                                              const Cancel& cancel) {
  MutexLock lock(mutex_);
  if (absl::Status status = Refresh(site, cancel); !status.ok()) {
    return std::vector<absl::Status>(changes.size(), status);
  }
  KongEntries wanted = loaded_;
  // Upstreams first: a target asks for its own.
  for (const Change& change : changes) {
    if (change.op == Op::kPut && change.id.kind == kUpstreamKind && ParseId(site.owner, change.id.id)) {
      wanted[change.id] = *change.entry;
    }
  }
  std::vector<absl::Status> results(changes.size());
  for (size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    results[i] = Check(site, change, wanted);
    if (results[i].ok() && change.op == Op::kPut) {
      wanted[change.id] = *change.entry;
    } else if (results[i].ok()) {
      wanted.erase(change.id);
    }
  }
  absl::Status status = MayWrite(deadline, cancel);
  if (status.ok() && !Same(wanted, loaded_)) {
    status = Load(site, version, wanted, cancel);
  }
  for (absl::Status& result : results) {
    result = result.ok() ? status : result;
  }
  return results;
}

}  // namespace dispatcher
