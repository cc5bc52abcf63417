// Services, routes and plugins of every version that has them; upstreams from 1.0 on.
#include <algorithm>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/strings.h"
#include "tests/kong_model/schema.h"
#include "tests/kong_model/state.h"

namespace dispatcher::kong_model {
namespace {

std::string Singular(const std::string& kind) { return kind.substr(0, kind.size() - 1); }

HttpReply NotUnique(const std::string& key, const std::string& value) {
  return Reply(409,
               TextOf({{"code", "5"},
                       {"name", Quote("unique constraint violation")},
                       {"message", Quote("UNIQUE violation detected on '{" + key + "=\"" + value + "\"}'")},
                       {"fields", TextOf({{key, Quote(value)}})}}));
}

// {"tags.1": "bad"} -> {"tags": ["bad"]}
std::string FieldsOf(const std::map<std::string, std::string>& faults) {
  Object fields;
  for (const auto& [key, message] : faults) {
    const size_t dot = key.find('.');
    if (key == "@entity") {
      fields[key] = "[" + Quote(message) + "]";
    } else if (dot == std::string::npos) {
      fields[key] = Quote(message);
    } else {
      std::string list = "[";
      for (int64_t i = 1; i < ParseInt(key.substr(dot + 1)).value_or(1); ++i) {
        list += "null,";
      }
      fields[key.substr(0, dot)] = list + Quote(message) + "]";
    }
  }
  return TextOf(fields);
}

// "url" is short for four other fields.
void ExpandUrl(Object& body) {
  const auto url = body.find("url");
  if (url == body.end()) {
    return;
  }
  const auto parsed = Url::Parse(Unquote(url->second));
  if (parsed.ok()) {
    body["protocol"] = Quote(parsed->scheme);
    body["host"] = Quote(parsed->host);
    body["port"] = std::to_string(parsed->port);
    body["path"] = parsed->path.empty() ? "null" : Quote(parsed->path);
  } else {
    body["path"] = url->second;
  }
  body.erase("url");
}

bool Matches(const Object& fields, const std::string& filter) {
  const std::vector<std::string> tags = List(fields, "tags");
  const bool any = filter.find('/') != std::string::npos;
  const auto has = [&](std::string_view tag) {
    return std::find(tags.begin(), tags.end(), tag) != tags.end();
  };
  const std::vector<std::string_view> asked = Split(filter, any ? '/' : ',');
  return any ? std::any_of(asked.begin(), asked.end(), has) : std::all_of(asked.begin(), asked.end(), has);
}

}  // namespace

HttpReply State::SchemaFault(const std::map<std::string, std::string>& faults) const {
  std::string message;
  for (const auto& [key, fault] : faults) {
    message += (message.empty() ? "" : "; ") + (key == "@entity" ? "" : key + ": ") + fault;
  }
  const std::string count = faults.size() == 1 ? "" : std::to_string(faults.size()) + " ";
  return Said(400,
              {{"code", "2"},
               {"name", Quote("schema violation")},
               {"message", Quote(count + (faults.size() == 1 ? "schema violation (" : "schema violations (") +
                                 message + ")")},
               {"fields", FieldsOf(faults)}});
}

HttpReply State::Unsupported(const std::string& what, const std::string& kind, bool by_name) const {
  return Said(405, {{"code", "12"},
                    {"name", Quote("operation unsupported")},
                    {"message", Quote("cannot " + what + " '" + kind + "' entities " +
                                      (by_name ? "by 'name' " : "") + "when not using a database")}});
}

HttpReply State::Missing(const std::string& key) const {
  const std::string field = IsUuid(key) ? "id" : "name";
  return Said(404, {{"code", "6"},
                    {"name", Quote("not found")},
                    {"message", Quote("could not find the entity with " +
                                      std::string(field == "id" ? "primary key " : "") + "'{" + field +
                                      "=\"" + key + "\"}'")},
                    {"fields", TextOf({{field, Quote(key)}})}});
}

std::string State::Find(const std::string& kind, const std::string& key) const {
  const Table& rows = table(kind);
  if (IsUuid(key)) {
    return rows.contains(key) ? key : "";
  }
  const std::string name = Quote(key);
  for (const auto& [id, row] : rows) {
    if (const auto found = row.fields.find("name"); found != row.fields.end() && found->second == name) {
      return id;
    }
  }
  return "";
}

std::optional<HttpReply> State::CheckReferences(const std::string& kind, Object& body,
                                                const std::string& self) {
  const std::string name = Get(body, "name");
  if (const std::string holder = name.empty() || kind == "plugins" ? "" : Find(kind, name);
      !holder.empty() && holder != self) {
    HttpReply reply = NotUnique("name", name);
    return version_.AtLeast(1, 0)
               ? reply
               : Said(409, {{"code", "5"},
                            {"name", Quote("unique constraint violation")},
                            {"message", Quote("UNIQUE violation detected on '{name=\"" + name + "\"}'")},
                            {"fields", TextOf({{"name", Quote(name)}})}});
  }
  const auto service = body.find("service");
  if (kind != "routes" || service == body.end() || service->second == "null") {
    return std::nullopt;
  }
  const std::string id = IdIn(body, "service");
  const auto document = JsonDocument::Parse(service->second);
  const std::string by_name = document->root()["name"].StringOr("");
  if (id.empty() && !by_name.empty() && version_.AtLeast(1, 0)) {
    service->second = TextOf({{"id", Quote(Find("services", by_name))}});
    return std::nullopt;
  }
  if (id.empty()) {
    return Said(400, {{"code", "2"},
                      {"name", Quote("schema violation")},
                      {"message", Quote("schema violation (service.id: missing primary key)")},
                      {"fields", R"({"service":{"id":"missing primary key"}})"}});
  }
  if (!table("services").contains(id)) {
    return Said(400, {{"code", "4"},
                      {"name", Quote("foreign key violation")},
                      {"message", Quote("the foreign key '{id=\"" + id +
                                        "\"}' does not reference an existing 'services' entity.")},
                      {"fields", TextOf({{"service", service->second}})}});
  }
  return std::nullopt;
}

HttpReply State::Create(const std::string& kind, Object body, const Object& forced) {
  if (kind == "services") {
    ExpandUrl(body);
  }
  for (const auto& [key, value] : forced) {
    body[key] = value;
  }
  std::map<std::string, std::string> faults = SchemaFaults(version_, kind, body, true);
  if (kind == "routes" && !version_.AtLeast(1, 0) && !body.contains("service")) {
    faults["service"] = "required field missing";
  }
  if (kind == "routes" && faults.empty() && List(body, "hosts").empty() && List(body, "paths").empty() &&
      List(body, "methods").empty() && version_.AtLeast(2, 0)) {
    faults["@entity"] =
        "must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https'";
  }
  if (!faults.empty()) {
    return SchemaFault(faults);
  }
  if (version_.dbless) {
    return Unsupported("create", kind, false);
  }
  std::string id = version_.AtLeast(1, 0) ? Get(body, "id") : "";
  if (!id.empty() && table(kind).contains(id)) {
    return Said(400, {{"code", "3"},
                      {"name", Quote("primary key violation")},
                      {"message", Quote("primary key violation on key '{id=\"" + id + "\"}'")},
                      {"fields", TextOf({{"id", Quote(id)}})}});
  }
  if (auto refused = CheckReferences(kind, body, "")) {
    return *refused;
  }
  Row row;
  row.fields = DefaultsOf(version_, kind);
  for (auto& [key, value] : body) {
    row.fields[key] = value;
  }
  id = id.empty() ? NewId() : id;
  const std::string now = std::to_string(SystemClock().Wall() / 1000);
  row.fields["id"] = Quote(id);
  row.fields["created_at"] = now;
  if (kind != "upstreams" || version_.AtLeast(3, 0)) {
    row.fields["updated_at"] = now;
  }
  row.order = ++order_;
  Touched(kind);
  return Reply(201, TextOf((tables_[kind][id] = row).fields));
}

HttpReply State::Update(const std::string& kind, const std::string& id, const Object& given) {
  Object body = given;
  if (kind == "services") {
    ExpandUrl(body);
  }
  std::map<std::string, std::string> faults = SchemaFaults(version_, kind, body, false);
  Object fields = table(kind).at(id).fields;
  for (const auto& [key, value] : body) {
    fields[key] = value;
  }
  if (kind == "routes" && faults.empty() && List(fields, "hosts").empty() && List(fields, "paths").empty() &&
      List(fields, "methods").empty() && version_.AtLeast(2, 0)) {
    faults["@entity"] =
        "must set one of 'methods', 'hosts', 'headers', 'paths', 'snis' when 'protocols' is 'https'";
  }
  if (!faults.empty()) {
    return SchemaFault(faults);
  }
  if (version_.dbless) {
    return Unsupported("update", kind, true);
  }
  if (auto refused = CheckReferences(kind, fields, id)) {
    return *refused;
  }
  fields["id"] = Quote(id);
  Touched(kind);
  return Reply(200, TextOf(tables_[kind][id].fields = fields));
}

HttpReply State::Replace(const std::string& kind, const std::string& key, Object body) {
  const std::string there = Find(kind, key);
  if (version_.dbless) {
    return Unsupported("create or update", kind, !IsUuid(key));
  }
  body[IsUuid(key) ? "id" : "name"] = Quote(key);
  if (there.empty()) {
    HttpReply made = Create(kind, std::move(body), {});
    made.status = made.status == 201 ? 200 : made.status;
    return made;
  }
  if (kind == "services") {
    ExpandUrl(body);
  }
  body["id"] = Quote(there);
  if (const auto faults = SchemaFaults(version_, kind, body, true); !faults.empty()) {
    return SchemaFault(faults);
  }
  if (auto refused = CheckReferences(kind, body, there)) {
    return *refused;
  }
  Object fields = table(kind).at(there).fields;
  for (auto& [name, value] : DefaultsOf(version_, kind)) {
    fields[name] = value;
  }
  for (auto& [name, value] : body) {
    fields[name] = value;
  }
  Touched(kind);
  return Reply(200, TextOf(tables_[kind][there].fields = fields));
}

HttpReply State::Remove(const std::string& kind, const std::string& key) {
  const std::string id = Find(kind, key);
  if (id.empty()) {
    return Reply(204, "");
  }
  if (version_.dbless) {
    return Unsupported("remove", kind, true);
  }
  if (kind == "services") {
    for (const auto& [route, row] : table("routes")) {
      if (IdIn(row.fields, "service") == id) {
        return Said(400, {{"code", "4"},
                          {"name", Quote("foreign key violation")},
                          {"message", Quote("an existing 'routes' entity references this 'services' entity")},
                          {"fields", R"({"@referenced_by":"routes"})"}});
      }
    }
  }
  tables_[kind].erase(id);
  const auto cascade = [&](const std::string& child, const std::string& parent) {
    std::erase_if(tables_[child], [&](const auto& row) { return IdIn(row.second.fields, parent) == id; });
  };
  if (kind == "upstreams") {
    cascade("targets", "upstream");
  } else if (kind != "plugins") {
    cascade("plugins", Singular(kind));
  }
  Touched(kind);
  return Reply(204, "");
}

HttpReply State::Page(const Ask& ask, const std::vector<const Object*>& rows) const {
  size_t size = 100;
  if (HasQuery(ask, "size")) {
    const auto asked = ParseInt(QueryOf(ask, "size"));
    if (!version_.AtLeast(1, 0) && (!asked || *asked < 1)) {
      return Reply(500, R"({"message":"An unexpected error occurred"})");
    }
    if (!asked || *asked < 1 || (*asked > 1000 && version_.AtLeast(1, 0))) {
      return Said(400, {{"code", "9"},
                        {"name", Quote("invalid size")},
                        {"message", Quote(asked || QueryOf(ask, "size") == "2.5"
                                              ? "size must be an integer between 1 and 1000"
                                              : "size must be a number")}});
    }
    size = static_cast<size_t>(*asked);
  }
  const std::string tags = QueryOf(ask, "tags");
  std::vector<const Object*> chosen;
  for (const Object* row : rows) {
    if (tags.empty() || !version_.HasTags() || (ask.path.size() > 2 && ask.path[2] == "targets") ||
        Matches(*row, tags)) {
      chosen.push_back(row);
    }
  }
  size_t begin = 0;
  if (const std::string offset = QueryOf(ask, "offset"); !offset.empty()) {
    const auto at = ParseInt(offset.starts_with("o") ? offset.substr(1) : offset);
    if (!at) {
      return Said(400, {{"code", "7"},
                        {"name", Quote("invalid offset")},
                        {"message", Quote("'" + offset + "' is not a valid offset: bad json encoding")}});
    }
    begin = std::min(static_cast<size_t>(*at), chosen.size());
  }
  JsonWriter json;
  json.BeginObject().Key("data").BeginArray();
  const size_t end = std::min(begin + size, chosen.size());
  for (size_t i = begin; i < end; ++i) {
    json.Raw(TextOf(*chosen[i]));
  }
  json.EndArray();
  if (end < chosen.size()) {
    std::string path;
    for (const std::string& segment : ask.path) {
      path += "/" + segment;
    }
    json.Field("offset", "o" + std::to_string(end)).Field("next", path + "?offset=o" + std::to_string(end));
  } else {
    json.Key("next").Null();
  }
  json.EndObject();
  return Reply(200, json.Take());
}

HttpReply State::Collection(const Ask& ask, const std::string& kind, const Object& forced) {
  if (ask.method == "POST") {
    return Create(kind, ask.body, forced);
  }
  if (ask.method != "GET") {
    return NotAllowed();
  }
  std::vector<const Object*> rows;
  for (const auto& row : table(kind)) {
    const Object& fields = row.second.fields;
    const bool fits = std::all_of(forced.begin(), forced.end(), [&](const auto& wanted) {
      return IdIn(fields, wanted.first) == IdIn(forced, wanted.first);
    });
    if (fits) {
      rows.push_back(&fields);
    }
  }
  return kind == "plugins" && !version_.AtLeast(1, 0) ? LegacyPage(ask, rows) : Page(ask, rows);
}

HttpReply State::One(const Ask& ask, const std::string& kind, const std::string& key, const Object& forced) {
  if (kind == "routes" && !version_.AtLeast(1, 0) && !IsUuid(key) && ask.method != "GET") {
    return Said(400, {{"code", "1"},
                      {"name", Quote("invalid primary key")},
                      {"message", Quote("invalid primary key: '{id=\"expected a valid UUID\"}'")},
                      {"fields", R"({"id":"expected a valid UUID"})"}});
  }
  const std::string id = Find(kind, key);
  if (ask.method == "GET") {
    return id.empty() ? NotFound() : Reply(200, TextOf(table(kind).at(id).fields));
  }
  if (ask.method == "PATCH") {
    return id.empty() ? Missing(key) : Update(kind, id, ask.body);
  }
  if (ask.method == "PUT") {
    Object body = ask.body;
    body.insert(forced.begin(), forced.end());
    return Replace(kind, key, body);
  }
  return ask.method == "DELETE" ? Remove(kind, key) : NotAllowed();
}

HttpReply State::Entities(const Ask& ask) {
  const std::string& kind = ask.path[0];
  if (ask.path.size() == 1) {
    return Collection(ask, kind, {});
  }
  if (ask.path.size() == 2) {
    return One(ask, kind, ask.path[1], {});
  }
  const std::string parent = Find(kind, ask.path[1]);
  if (parent.empty() && kind == "upstreams" && !version_.AtLeast(3, 0) && ask.method == "POST") {
    return Reply(500, R"({"message":"An unexpected error occurred"})");  // 2.8.5
  }
  if (parent.empty()) {
    return NotFound();
  }
  const std::string& child = ask.path[2];
  if (kind == "upstreams" && child == "targets") {
    return Targets(ask, parent);
  }
  if (kind == "routes" && child == "service" && ask.path.size() == 3) {
    return One(ask, "services", IdIn(table(kind).at(parent).fields, "service"), {});
  }
  const bool routes = kind == "services" && child == "routes";
  if (!routes && child != "plugins") {
    return NotFound();
  }
  const Object forced = {{Singular(kind), TextOf({{"id", Quote(parent)}})}};
  return ask.path.size() == 3                ? Collection(ask, child, forced)
         : routes && !version_.AtLeast(1, 0) ? NotFound()
                                             : One(ask, child, ask.path[3], forced);
}

}  // namespace dispatcher::kong_model
