// The old data access layer: apis, and upstreams and targets before 1.0. What 0.14
// answers is recorded; 0.8 and 0.10 are from Kong's sources, never seen running.
#include <algorithm>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/strings.h"
#include "tests/kong_model/schema.h"
#include "tests/kong_model/state.h"

namespace dispatcher::kong_model {
namespace {

std::string Taken(const std::string& key, const std::string& value) {
  return TextOf({{key, Quote("already exists with value '" + value + "'")}});
}

}  // namespace

HttpReply State::LegacyPage(const Ask& ask, const std::vector<const Object*>& rows) const {
  const size_t size = static_cast<size_t>(std::max<int64_t>(1, ParseInt(QueryOf(ask, "size")).value_or(100)));
  // Offsets are page numbers there, in base64; any opaque text with "=" will do.
  std::string offset = QueryOf(ask, "offset");
  offset = offset.substr(0, offset.find('='));
  const size_t page = static_cast<size_t>(std::max<int64_t>(1, ParseInt(offset).value_or(1)));
  const size_t begin = std::min((page - 1) * size, rows.size()), end = std::min(begin + size, rows.size());
  JsonWriter json;
  json.BeginObject().Key("data").BeginArray();
  for (size_t i = begin; i < end; ++i) {
    json.Raw(TextOf(*rows[i]));
  }
  json.EndArray().Field("total", static_cast<int64_t>(rows.size()));
  if (end < rows.size()) {
    const std::string next = std::to_string(page + 1);
    std::string path;
    for (const std::string& segment : ask.path) {
      path += "/" + segment;
    }
    if (version_.HasHostLists()) {
      json.Field("offset", next + "==");
    }
    json.Field("next", ask.base + path + "?size=" + std::to_string(size) + "&offset=" + next + "%3D%3D");
  }
  json.EndObject();
  return Reply(200, json.Take());
}

HttpReply State::LegacyCreate(const std::string& kind, Object body) {
  if (const std::string hosts = Get(body, "hosts"); !hosts.empty()) {  // of a form
    std::vector<std::string> list;
    for (std::string_view host : Split(hosts, ',')) {
      list.emplace_back(host);
    }
    body["hosts"] = Array(list);
  }
  if (const auto faults = SchemaFaults(version_, kind, body, true); !faults.empty()) {
    Object said;
    for (const auto& [key, fault] : faults) {
      said[key] = Quote(fault);
    }
    return Reply(400, TextOf(said));
  }
  const bool one_host = kind == "apis" && !version_.HasHostLists();
  if (kind == "apis" && List(body, "hosts").empty() && List(body, "uris").empty() &&
      List(body, "methods").empty() && Get(body, "request_host").empty() &&
      Get(body, "request_path").empty()) {
    return Reply(
        400, one_host ? R"({"message":"At least a 'request_host' or a 'request_path' must be specified"})"
                      : R"({"message":"at least one of 'hosts', 'uris' or 'methods' must be specified"})");
  }
  for (const char* key : {"name", "request_host", "request_path"}) {
    const std::string value = Get(body, key);
    for (const auto& [id, row] : table(kind)) {
      if (!value.empty() && Get(row.fields, key) == value) {
        return Reply(409, Taken(key, value));
      }
    }
  }
  Row row;
  row.fields = DefaultsOf(version_, kind);
  for (const auto& [key, value] : body) {
    row.fields[key] = value;
  }
  const std::string id = NewId();
  row.fields["id"] = Quote(id);
  row.fields["created_at"] = std::to_string(SystemClock().Wall());
  row.order = ++order_;
  Touched(kind);
  return Reply(201, TextOf((tables_[kind][id] = row).fields));
}

HttpReply State::LegacyTargets(const Ask& ask, const std::string& upstream) {
  Table& rows = tables_["targets"];
  const auto append = [&](const std::string& target, int64_t weight) {
    Row row;
    const std::string id = NewId();
    row.order = ++order_;
    row.fields = {{"id", Quote(id)},
                  {"target", Quote(target)},
                  {"weight", std::to_string(weight)},
                  {"upstream_id", Quote(upstream)},
                  {"created_at", std::to_string(1700000000000 + static_cast<int64_t>(row.order))}};
    return TextOf((rows[id] = row).fields);
  };
  std::vector<const Row*> history;
  for (const auto& [id, row] : rows) {
    if (Get(row.fields, "upstream_id") == upstream) {
      history.push_back(&row);
    }
  }
  std::sort(history.begin(), history.end(), [](const Row* a, const Row* b) { return a->order < b->order; });
  if (ask.path.size() == 3 && ask.method == "POST") {
    const auto faults = SchemaFaults(version_, "targets", ask.body, true);
    const int64_t weight = Number(ask.body, "weight", 100);
    if (!faults.empty()) {
      return Reply(400, TextOf({{faults.begin()->first, Quote(faults.begin()->second)}}));
    }
    if (weight < 0 || weight > 1000) {
      return Reply(400, R"({"message":"weight must be from 0 to 1000"})");
    }
    return Reply(201, append(*NormalTarget(Get(ask.body, "target")), weight));
  }
  const bool all = ask.path.size() == 4 && ask.path[3] == (version_.ListsTargetHistory() ? "active" : "all");
  if (ask.method == "GET" && (ask.path.size() == 3 || all)) {
    std::vector<const Object*> listed;
    const std::vector<Object> active = ActiveTargets(upstream);
    if (all == version_.ListsTargetHistory()) {
      for (const Object& fields : active) {
        listed.push_back(&fields);
      }
    } else {
      for (const Row* row : history) {
        listed.push_back(&row->fields);
      }
    }
    Ask whole = ask;
    if (!all && !version_.ListsTargetHistory()) {
      whole.query = {{"size", std::to_string(listed.size() + 1)}};  // this list knows no pages
      return LegacyPage(whole, listed);
    }
    return LegacyPage(ask, listed);
  }
  if (ask.method != "DELETE" || ask.path.size() != 4 || !version_.DeletesTargets()) {
    return NotAllowed();
  }
  for (const Row* row : history) {
    if (Get(row->fields, "target") == ask.path[3] || Get(row->fields, "id") == ask.path[3]) {
      append(Get(row->fields, "target"), 0);
      return Reply(204, "");
    }
  }
  return NotFound();
}

HttpReply State::Legacy(const Ask& ask, const std::string& kind) {
  if (ask.path.size() == 1) {
    const std::string given = Get(ask.body, "id");
    if (ask.method == "PUT" && !given.empty()) {
      if (!table(kind).contains(given) || !ask.body.contains("created_at")) {
        return Reply(400, "{}");
      }
      Row& row = tables_[kind][given];
      row.fields = DefaultsOf(version_, kind);
      for (const auto& [key, value] : ask.body) {
        row.fields[key] = value;
      }
      Touched(kind);
      return Reply(200, TextOf(row.fields));
    }
    if (ask.method == "POST" || ask.method == "PUT") {
      return LegacyCreate(kind, ask.body);
    }
    if (ask.method != "GET") {
      return NotAllowed();
    }
    std::vector<const Object*> rows;
    for (const auto& [id, row] : table(kind)) {
      if (QueryOf(ask, "name").empty() || Get(row.fields, "name") == QueryOf(ask, "name")) {
        rows.push_back(&row.fields);
      }
    }
    return LegacyPage(ask, rows);
  }
  const std::string id = Find(kind, ask.path[1]);
  if (ask.path.size() == 2 && ask.method == "PUT") {
    return NotAllowed();
  }
  if (id.empty()) {
    return NotFound();
  }
  if (ask.path.size() > 2) {
    if (kind == "upstreams" && ask.path[2] == "targets") {
      return LegacyTargets(ask, id);
    }
    if (kind == "apis" && ask.path[2] == "plugins") {
      return Collection(ask, "plugins", {{"api", TextOf({{"id", Quote(id)}})}});
    }
    return NotFound();
  }
  if (ask.method == "GET") {
    return Reply(200, TextOf(table(kind).at(id).fields));
  }
  if (ask.method == "DELETE") {
    tables_[kind].erase(id);
    std::erase_if(tables_["plugins"], [&](const auto& row) { return IdIn(row.second.fields, "api") == id; });
    std::erase_if(tables_["targets"],
                  [&](const auto& row) { return Get(row.second.fields, "upstream_id") == id; });
    Touched(kind);
    return Reply(204, "");
  }
  if (ask.method != "PATCH") {
    return NotAllowed();
  }
  if (ask.body.empty()) {
    return Reply(400, R"({"message":"empty body"})");
  }
  if (const auto faults = SchemaFaults(version_, kind, ask.body, false); !faults.empty()) {
    return Reply(400, TextOf({{faults.begin()->first, Quote(faults.begin()->second)}}));
  }
  Object& fields = tables_[kind][id].fields;
  for (const auto& [key, value] : ask.body) {
    fields[key] = value;
  }
  Touched(kind);
  return Reply(200, TextOf(fields));
}

}  // namespace dispatcher::kong_model
