#include "tests/kong_model/state.h"

#include "dispatcher/base/strings.h"
#include "tests/kong_model/schema.h"

namespace dispatcher::kong_model {

HttpReply Reply(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "application/json; charset=utf-8";
  reply.body = std::move(body);
  return reply;
}

HttpReply NotFound() { return Reply(404, R"({"message":"Not found"})"); }
HttpReply NotAllowed() { return Reply(405, R"({"message":"Method not allowed"})"); }

std::string QueryOf(const Ask& ask, const std::string& name) {
  return std::string(FindHeader(ask.query, name));
}

bool HasQuery(const Ask& ask, const std::string& name) {
  for (const auto& [key, value] : ask.query) {
    if (key == name) {
      return true;
    }
  }
  return false;
}

HttpReply State::Said(int status, const Object& fields) const {
  Object object = fields;
  if (!version_.AtLeast(1, 0) && object.contains("code")) {
    object["strategy"] = Quote("postgres");
  }
  return Reply(status, TextOf(object));
}

std::string State::NewId() {
  std::string id = Hex(random_(), 16) + Hex(random_(), 16);
  id[12] = '4';
  id[16] = '8';
  for (size_t at : {8, 13, 18, 23}) {
    id.insert(at, "-");
  }
  return id;
}

void State::Touched(const std::string& kind) {
  if (kind == "services" || kind == "routes" || kind == "apis") {
    ++routing_;
  }
}

const Table& State::table(const std::string& kind) const {
  static const Table empty;
  const auto found = tables_.find(kind);
  return found == tables_.end() ? empty : found->second;
}

void State::Clear() {
  tables_.clear();
  config_.clear();
  ++routing_;
}

HttpReply State::Status() const {
  JsonWriter json;
  json.BeginObject();
  json.Key("database").BeginObject().Field("reachable", !version_.dbless).EndObject();
  if (version_.dbless && version_.AtLeast(2, 8)) {
    json.Field("configuration_hash",
               config_.empty() ? std::string(32, '0') : Hex(Fnv1a(config_)) + Hex(Fnv1a(config_, 1)));
  }
  json.EndObject();
  return Reply(200, json.Take());
}

HttpReply State::Answer(const Ask& ask) {
  if (ask.path.empty()) {
    if (ask.method != "GET") {
      return NotAllowed();
    }
    JsonWriter json;
    json.BeginObject().Field("version", version_.Text()).Field("tagline", "Welcome to kong");
    json.Key("configuration").BeginObject().Field("database", version_.dbless ? "off" : "postgres");
    json.EndObject().EndObject();
    return Reply(200, json.Take());
  }
  const std::string& first = ask.path[0];
  if (ask.path.size() == 1 && first == "status" && ask.method == "GET") {
    return Status();
  }
  if (first == "config" && ask.path.size() == 1 && version_.HasTags()) {
    return Config(ask);
  }
  const bool modern = version_.AtLeast(1, 0);
  const bool known = first == "plugins" ||
                     (version_.HasServices() && (first == "services" || first == "routes")) ||
                     (version_.HasUpstreams() && first == "upstreams") || (!modern && first == "apis");
  if (!known) {
    return NotFound();
  }
  if (ask.body_bad) {
    return Reply(400, R"({"message":"Cannot parse JSON body"})");
  }
  return !modern && (first == "apis" || first == "upstreams") ? Legacy(ask, first) : Entities(ask);
}

}  // namespace dispatcher::kong_model
