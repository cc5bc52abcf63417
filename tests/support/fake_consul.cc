#include "tests/support/fake_consul.h"

#include <cstdlib>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher::testing {
namespace {

bool Take(int& count) { return count > 0 && count-- > 0; }

HttpReply Json(std::string body) {
  HttpReply reply;
  reply.body = std::move(body);
  return reply;
}

HttpReply Plain(int status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.content_type = "text/plain";
  reply.body = std::move(body);
  return reply;
}

HttpServerOptions ServerOptions() {
  HttpServerOptions options;
  options.keep_alive_requests = 10000;
  options.read_timeout = std::chrono::seconds(5);
  options.max_body = 512u << 10;
  return options;
}

// What follows `prefix` in `path`, or "".
std::string After(const std::string& path, std::string_view prefix) {
  return path.starts_with(prefix) ? path.substr(prefix.size()) : "";
}

}  // namespace

FakeConsul::FakeConsul() : server_(ServerOptions()) {
  {
    MutexLock lock(mutex_);
    Reset();
  }
  server_.HandleRest([this](const HttpCall& call) { return Answer(call); });
  if (const absl::Status started = server_.Start("127.0.0.1", 0); !started.ok()) {
    std::abort();
  }
}

FakeConsul::~FakeConsul() {
  Hold(false);
  server_.Stop();
}

std::string FakeConsul::url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }

void FakeConsul::Reset() {
  nodes_.clear();
  Node& server = nodes_["fake"];
  server.name = "fake";
  server.address = "127.0.0.1";
  server.services["consul"].name = "consul";
  server.checks["serfHealth"] = {"Serf Health Status", "passing", "", ""};
}

void FakeConsul::FailReads(int calls, int status, std::string body) {
  MutexLock lock(mutex_);
  failing_reads_ = calls;
  read_failure_ = Plain(status, std::move(body));
}

void FakeConsul::CutReads(int calls) {
  MutexLock lock(mutex_);
  cut_reads_ = calls;
}

void FakeConsul::FailWrites(int calls, int status, std::string body) {
  MutexLock lock(mutex_);
  failing_writes_ = calls;
  write_failure_ = Plain(status, std::move(body));
}

void FakeConsul::LoseAnswers(int calls) {
  MutexLock lock(mutex_);
  lost_answers_ = calls;
}

void FakeConsul::Hold(bool hold) {
  MutexLock lock(mutex_);
  held_ = hold;
  changed_.NotifyAll();
}

void FakeConsul::SetDenied(std::set<std::string> tokens) {
  MutexLock lock(mutex_);
  denied_tokens_ = std::move(tokens);
}

void FakeConsul::DenyNodes(std::string prefix) {
  MutexLock lock(mutex_);
  denied_nodes_ = std::move(prefix);
}

void FakeConsul::MoveAgent(const std::string& host) {
  MutexLock lock(mutex_);
  moved_agents_.insert(host);
}

void FakeConsul::KillAgent(const std::string& host, bool dead) {
  MutexLock lock(mutex_);
  AgentNode(host).checks["serfHealth"].status = dead ? "critical" : "passing";
  if (dead) {
    dead_agents_.insert(host);
  } else {
    dead_agents_.erase(host);
  }
}

void FakeConsul::LoseData() {
  MutexLock lock(mutex_);
  Reset();
}

void FakeConsul::SetMaxOperations(size_t limit) {
  MutexLock lock(mutex_);
  max_operations_ = limit;
}

void FakeConsul::PutService(const std::string& node, const std::string& id, const std::string& name,
                            const std::string& meta_json) {
  MutexLock lock(mutex_);
  Node& found = nodes_[Lower(node)];
  found.name = node;
  Service& service = found.services[id];
  service.name = name;
  service.meta = meta_json;
}

void FakeConsul::PutNodeMeta(const std::string& node, std::map<std::string, std::string> meta) {
  MutexLock lock(mutex_);
  Node& found = nodes_[Lower(node)];
  found.name = node;
  found.meta = std::move(meta);
}

bool FakeConsul::HasService(const std::string& node, const std::string& id) const {
  MutexLock lock(mutex_);
  auto found = nodes_.find(Lower(node));
  return found != nodes_.end() && found->second.services.contains(id);
}

bool FakeConsul::HasNode(const std::string& node) const {
  MutexLock lock(mutex_);
  return nodes_.contains(Lower(node));
}

int FakeConsul::writes() const {
  MutexLock lock(mutex_);
  return writes_;
}

int FakeConsul::transactions() const {
  MutexLock lock(mutex_);
  return transactions_;
}

bool FakeConsul::Denied(const HttpCall& call) const {
  return denied_tokens_.contains(std::string(FindHeader(call.headers, "X-Consul-Token")));
}

FakeConsul::Node& FakeConsul::AgentNode(const std::string& host) {
  Node& node = nodes_["node-" + host];
  if (node.name.empty()) {
    node.name = "node-" + host;
    node.address = host;
    node.checks["serfHealth"] = {"Serf Health Status", "passing", "", ""};
  }
  return node;
}

HttpReply FakeConsul::Answer(const HttpCall& call) {
  MutexLock lock(mutex_);
  if (call.method == "GET") {
    if (Take(failing_reads_)) {
      return read_failure_;
    }
    HttpReply reply = Read(call);
    if (Take(cut_reads_)) {
      reply.body.resize(reply.body.size() / 2);
    }
    return reply;
  }
  if (call.method != "PUT") {
    return Plain(405, "method " + call.method + " not allowed");
  }
  while (held_) {
    changed_.Wait(mutex_);
  }
  ++writes_;
  if (Take(failing_writes_)) {
    return write_failure_;
  }
  HttpReply reply = Write(call);
  return Take(lost_answers_) ? Plain(500, "rpc error making call: EOF") : reply;
}

void FakeConsul::WriteNode(JsonWriter& json, const Node& node) {
  json.BeginObject().Field("Node", node.name).Field("Address", node.address).Field("Datacenter", "dc1");
  json.Key("Meta").BeginObject();
  for (const auto& [key, value] : node.meta) {
    json.Field(key, value);
  }
  json.EndObject().EndObject();
}

void FakeConsul::WriteChecks(JsonWriter& json, const Node& node) {
  for (const auto& [id, check] : node.checks) {
    json.BeginObject().Field("Node", node.name).Field("CheckID", id).Field("Name", check.name);
    json.Field("Status", check.status).Field("Notes", check.notes).Field("ServiceID", check.service);
    json.Key("Definition").BeginObject().EndObject().EndObject();
  }
}

HttpReply FakeConsul::Read(const HttpCall& call) {
  const bool denied = Denied(call);
  if (call.path == "/v1/agent/self") {
    return denied ? Plain(403, "Permission denied") : Json(R"({"Config":{"Datacenter":"dc1"}})");
  }
  if (const std::string rest = After(call.path, "/agent/"); !rest.empty()) {
    const size_t slash = rest.find('/');
    const std::string host = rest.substr(0, slash);
    if (dead_agents_.contains(host)) {
      return Plain(503, "no such agent");
    }
    return rest.substr(slash) == "/v1/agent/self" && !denied
               ? Json("{\"Config\":{\"NodeName\":\"" + AgentNode(host).name + "\",\"Datacenter\":\"" +
                      (moved_agents_.contains(host) ? "dc2" : "dc1") + "\"}}")
               : Plain(403, "Permission denied");
  }
  std::string owner;
  for (const auto& [key, value] : call.query) {
    owner = key == "node-meta" ? After(value, "dispatcher-owner:") : owner;
  }
  const auto selected = [&](const Node& node) {
    auto mark = node.meta.find("dispatcher-owner");
    return owner.empty() || (mark != node.meta.end() && mark->second == owner);
  };
  JsonWriter json;
  if (call.path == "/v1/catalog/service/consul" || call.path == "/v1/catalog/nodes") {
    json.BeginArray();
    for (const auto& [name, node] : nodes_) {
      if (!denied && selected(node) && (call.path == "/v1/catalog/nodes" || name == "fake")) {
        WriteNode(json, node);
      }
    }
    return Json(json.EndArray().Take());
  }
  if (call.path == "/v1/health/state/any" || call.path.starts_with("/v1/health/node/")) {
    const std::string only = Lower(After(call.path, "/v1/health/node/"));
    json.BeginArray();
    for (const auto& [name, node] : nodes_) {
      if (!denied && selected(node) && (only.empty() || only == name)) {
        WriteChecks(json, node);
      }
    }
    return Json(json.EndArray().Take());
  }
  if (const std::string name = Lower(After(call.path, "/v1/catalog/node/")); !name.empty()) {
    auto found = nodes_.find(name);
    if (denied || found == nodes_.end()) {
      return Json("null");
    }
    json.BeginObject().Key("Node");
    WriteNode(json, found->second);
    json.Key("Services").BeginObject();
    for (const auto& [id, service] : found->second.services) {
      json.Key(id).BeginObject().Field("ID", id).Field("Service", service.name);
      json.Field("Address", service.address).Field("Port", service.port);
      json.Key("Tags").Raw(service.tags).Key("Meta").Raw(service.meta);
      json.Key("Weights").BeginObject().Field("Passing", service.passing).Field("Warning", service.warning);
      json.EndObject().Field("EnableTagOverride", false).Key("Proxy").BeginObject().EndObject().EndObject();
    }
    return Json(json.EndObject().EndObject().Take());
  }
  return Plain(404, "");
}

FakeConsul::Service FakeConsul::ParseService(JsonView service, std::string_view name_key) {
  Service parsed;
  parsed.name = service[name_key].StringOr("");
  parsed.address = service["Address"].StringOr("");
  parsed.port = service["Port"].IntOr(0);
  parsed.tags = service["Tags"].IsArray() ? service["Tags"].Dump() : "[]";
  parsed.meta = service["Meta"].IsObject() ? service["Meta"].Dump() : "{}";
  parsed.passing = service["Weights"]["Passing"].IntOr(1);
  parsed.warning = service["Weights"]["Warning"].IntOr(1);
  return parsed;
}

HttpReply FakeConsul::Write(const HttpCall& call) {
  if (call.path == "/v1/txn") {
    ++transactions_;
    return Transaction(call);
  }
  if (Denied(call)) {
    return Plain(403, "Permission denied");
  }
  if (const std::string rest = After(call.path, "/agent/"); !rest.empty()) {
    const size_t slash = rest.find('/');
    return Agent(call, rest.substr(0, slash), rest.substr(slash));
  }
  const auto body = JsonDocument::Parse(call.body);
  if (call.path == "/v1/catalog/deregister" && body.ok()) {
    auto node = nodes_.find(Lower(body->root()["Node"].StringOr("")));
    if (node != nodes_.end()) {
      node->second.services.erase(body->root()["ServiceID"].StringOr(""));
    }
    return Json("true");
  }
  return Plain(404, "");
}

std::string FakeConsul::Apply(JsonView operation, Nodes& nodes) const {
  const bool is_node = operation["Node"].exists(), is_service = operation["Service"].exists();
  const JsonView body = is_node ? operation["Node"] : is_service ? operation["Service"] : operation["Check"];
  const bool set = body["Verb"].StringOr("") == "set";
  const JsonView what = is_node ? body["Node"] : is_service ? body["Service"] : body["Check"];
  const std::string name = (is_service ? body["Node"] : what["Node"]).StringOr("");
  if (!denied_nodes_.empty() && name.starts_with(denied_nodes_)) {
    return "Permission denied";
  }
  auto node = nodes.find(Lower(name));
  if (is_node) {
    if (!set) {
      nodes.erase(Lower(name));
      return "";
    }
    Node& target = nodes[Lower(name)];
    target.name = name;
    target.address = what["Address"].StringOr("");
    target.meta.clear();
    what["Meta"].ForEachMember(
        [&](std::string_view key, JsonView value) { target.meta[std::string(key)] = value.StringOr(""); });
    return "";
  }
  const std::string id = what[is_service ? "ID" : "CheckID"].StringOr("");
  if (is_service && what["Service"].StringOr("").empty()) {
    return "Must provide service name with ID";
  }
  if (node == nodes.end()) {
    return set ? "Missing node registration" : "";
  }
  std::map<std::string, Check>& checks = node->second.checks;
  if (is_service && set) {
    node->second.services[id] = ParseService(what, "Service");
  } else if (is_service) {
    node->second.services.erase(id);
    std::erase_if(checks, [&](const auto& check) { return check.second.service == id; });
  } else if (set && !node->second.services.contains(what["ServiceID"].StringOr(""))) {
    return "Missing service registration";
  } else if (set) {
    checks[id] = {what["Name"].StringOr(""), what["Status"].StringOr(""), what["Notes"].StringOr(""),
                  what["ServiceID"].StringOr("")};
  } else {
    checks.erase(id);
  }
  return "";
}

HttpReply FakeConsul::Transaction(const HttpCall& call) {
  const auto body = JsonDocument::Parse(call.body);
  if (!body.ok() || !body->root().IsArray()) {
    return Plain(400, "Failed to parse body");
  }
  const JsonView operations = body->root();
  if (operations.size() > max_operations_) {
    return Plain(413, "Transaction contains too many operations (" + std::to_string(operations.size()) +
                          " > " + std::to_string(max_operations_) + ")");
  }
  Nodes changed = nodes_;
  JsonWriter errors;
  errors.BeginArray();
  bool failed = false;
  for (size_t i = 0; i < operations.size(); ++i) {
    const std::string what = Denied(call) ? "Permission denied" : Apply(operations.At(i), changed);
    if (!what.empty()) {
      failed = true;
      errors.BeginObject().Field("OpIndex", i).Field("What", what).EndObject();
    }
  }
  errors.EndArray();
  if (failed) {
    HttpReply reply = Json("{\"Results\":null,\"Errors\":" + errors.Take() + "}");
    reply.status = 409;
    return reply;
  }
  nodes_ = std::move(changed);
  return Json("{\"Results\":[],\"Errors\":null}");
}

HttpReply FakeConsul::Agent(const HttpCall& call, const std::string& host, const std::string& path) {
  if (dead_agents_.contains(host)) {
    return Plain(503, "no such agent");
  }
  Node& node = AgentNode(host);
  const auto body = JsonDocument::Parse(call.body.empty() ? "{}" : call.body);
  if (!body.ok()) {
    return Plain(400, "Request decode failed");
  }
  const JsonView service = body->root();
  if (path == "/v1/agent/service/register") {
    const std::string id = service["ID"].StringOr("");
    if (service["Name"].StringOr("").empty()) {
      return Plain(400, "Missing service name");
    }
    node.services[id] = ParseService(service, "Name");
    service["Checks"].ForEach([&](JsonView check) {
      Check& known = node.checks[check["CheckID"].StringOr("")];
      const std::string status = known.status.empty() ? check["Status"].StringOr("critical") : known.status;
      known = {check["Name"].StringOr(""), status, check["Notes"].StringOr(""), id};
    });
    return Plain(200, "");
  }
  if (const std::string id = After(path, "/v1/agent/service/deregister/"); !id.empty()) {
    if (node.services.erase(id) == 0) {
      return Plain(404, "Unknown service ID \"" + id + "\". Ensure that the service ID is passed");
    }
    std::erase_if(node.checks, [&](const auto& check) { return check.second.service == id; });
    return Plain(200, "");
  }
  if (const std::string id = After(path, "/v1/agent/check/deregister/"); !id.empty()) {
    return node.checks.erase(id) == 1 ? Plain(200, "") : Plain(404, "Unknown check ID \"" + id + "\"");
  }
  if (const std::string id = After(path, "/v1/agent/service/maintenance/"); !id.empty()) {
    std::string reason, enable;
    for (const auto& [key, value] : call.query) {
      (key == "reason" ? reason : enable) = value;
    }
    if (!node.services.contains(id)) {
      return Plain(404, "Unknown service ID");
    }
    if (enable == "true") {
      node.checks.try_emplace("_service_maintenance:" + id,
                              Check{"Service Maintenance Mode", "critical", reason, id});
    } else {
      node.checks.erase("_service_maintenance:" + id);
    }
    return Plain(200, "");
  }
  return Plain(404, "");
}

}  // namespace dispatcher::testing
