#include "tests/support/consul_server.h"

#include <filesystem>
#include <fstream>
#include <utility>

#include "dispatcher/base/strings.h"
#include "tests/support/fetched.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {

absl::StatusOr<std::string> ConsulServer::Binary() {
  return FetchedBinary("CONSUL_BINARY", "fetch_consul.sh");
}

absl::StatusOr<std::unique_ptr<ConsulServer>> ConsulServer::Start(ConsulServerOptions options) {
  ASSIGN_OR_RETURN(const std::string binary, Binary());
  absl::Status last;
  for (int attempt = 0; attempt < 3; ++attempt) {
    std::unique_ptr<ConsulServer> server(new ConsulServer(options));
    last = server->Launch(binary);
    if (last.ok()) {
      return server;
    }
  }
  return last;
}

ConsulServer::ConsulServer(ConsulServerOptions options) : options_(std::move(options)) {
  if (options_.http_port == 0) {
    options_.http_port = FreePort({options_.bind});
  }
  if (options_.data_dir.empty()) {
    options_.data_dir = home_.path() + "/data";
  }
  dns_port_ = FreePort({options_.bind});
  serf_lan_port_ = FreePort({options_.bind});
  serf_wan_port_ = FreePort({options_.bind});
  rpc_port_ = FreePort({options_.bind});
  if (options_.acl) {
    master_token_ = "11111111-2222-3333-4444-555555555555";
  }
  HttpClientOptions http;
  http.base.host = options_.bind;
  http.base.port = options_.http_port;
  if (options_.acl) {
    http.headers = {{"X-Consul-Token", master_token_}};
  }
  client_ = std::make_unique<HttpClient>(std::move(http));
}

std::string ConsulServer::url() const {
  return "http://" + options_.bind + ":" + std::to_string(options_.http_port);
}

std::string ConsulServer::serf_address() const {
  return options_.bind + ":" + std::to_string(serf_lan_port_);
}

std::string ConsulServer::wan_address() const { return options_.bind + ":" + std::to_string(serf_wan_port_); }

std::string ConsulServer::Config() {
  JsonWriter json;
  json.BeginObject();
  json.Field("node_name", options_.node).Field("datacenter", options_.datacenter);
  json.Field("bind_addr", options_.bind).Field("client_addr", options_.bind);
  json.Field("disable_update_check", true).Field("log_level", "WARN").Field("disable_host_node_id", true);
  json.Field("enable_script_checks", options_.script_checks);
  json.Key("ports").BeginObject();
  json.Field("http", options_.http_port).Field("dns", dns_port_).Field("grpc", -1);
  json.Field("serf_lan", serf_lan_port_).Field("serf_wan", serf_wan_port_).Field("server", rpc_port_);
  json.EndObject();
  if (!options_.memory_only) {
    json.Field("data_dir", options_.data_dir);
  }
  if (!options_.join.empty()) {
    json.Key("retry_join").BeginArray().String(options_.join).EndArray();
    json.Field("retry_interval", "1s");
  } else if (!options_.memory_only) {
    json.Field("server", true).Field("bootstrap_expect", options_.servers);
    // On one machine nobody needs long elections.
    json.Key("performance").BeginObject().Field("raft_multiplier", 1).EndObject();
    if (options_.servers > 1) {
      // The same after it lost its data: else the others take it for somebody with its name.
      const std::string hash = Hex(Fnv1a(options_.node));
      json.Field("node_id", hash.substr(0, 8) + "-0000-4000-8000-" + hash.substr(0, 12));
      json.Key("retry_join").BeginArray();
      for (const std::string& other : others_) {
        json.String(other);
      }
      json.EndArray().Field("retry_interval", "1s");
    }
  }
  if (!options_.join_wan.empty()) {
    json.Key("retry_join_wan").BeginArray().String(options_.join_wan).EndArray();
    json.Field("retry_interval_wan", "1s");
  }
  if (options_.acl) {
    json.Key("acl").BeginObject().Field("enabled", true).Field("default_policy", "deny");
    json.Key("tokens").BeginObject().Field("master", master_token_).Field("agent", master_token_).EndObject();
    json.EndObject();
  }
  json.EndObject();
  return json.Take();
}

absl::Status ConsulServer::Launch(const std::string& binary) {
  binary_ = binary;
  RETURN_IF_ERROR(Spawn(others_));
  return WaitForLeader();
}

absl::Status ConsulServer::Spawn(const std::vector<std::string>& others) {
  others_ = others;
  const std::string config = home_.path() + "/config.json";
  std::ofstream(config) << Config();
  std::vector<std::string> argv = {binary_, "agent", "-config-file=" + config};
  if (options_.memory_only) {
    argv.insert(argv.begin() + 2, "-dev");
  }
  ASSIGN_OR_RETURN(process_, Process::Start(argv));
  return absl::OkStatus();
}

void ConsulServer::LoseData() { std::filesystem::remove_all(options_.data_dir); }

absl::Status ConsulServer::Restart() {
  process_->Kill();
  return Launch(std::string(binary_));
}

absl::Status ConsulServer::WaitForLeader() {
  const bool ready = WaitFor(
      [&] {
        if (!process_->Running()) {
          return true;
        }
        // The server's own entry comes last: by then the leader has done its start-up.
        const auto self = Get("/v1/catalog/node/" + options_.node);
        return self.ok() && self->root()["Node"].IsObject();
      },
      std::chrono::seconds(30));
  if (ready && process_->Running()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kUnavailable, "Consul did not come up: ", process_->Output());
}

absl::StatusOr<std::string> ConsulServer::Call(const std::string& method, const std::string& target,
                                               const std::string& body) const {
  HttpRequest request;
  request.method = method;
  request.target = target;
  request.body = body;
  ASSIGN_OR_RETURN(HttpResponse response, client_->Call(request, Cancel()));
  if (response.status != 200) {
    return Error(absl::StatusCode::kUnknown, method, " ", target, " answered ",
                 std::to_string(response.status), ": ", response.body);
  }
  return std::move(response.body);
}

absl::StatusOr<JsonDocument> ConsulServer::Get(const std::string& target) const {
  ASSIGN_OR_RETURN(const std::string body, Call("GET", target, ""));
  return JsonDocument::Parse(body);
}

absl::StatusOr<std::string> ConsulServer::Put(const std::string& target, const std::string& body) const {
  return Call("PUT", target, body);
}

absl::StatusOr<std::string> ConsulServer::CreateToken(const std::string& rules) {
  const std::string name = "test-" + Hex(Fnv1a(rules));
  JsonWriter policy;
  policy.BeginObject().Field("Name", name).Field("Rules", rules).EndObject();
  RETURN_IF_ERROR(Put("/v1/acl/policy", policy.text()).status());
  JsonWriter token;
  token.BeginObject().Key("Policies").BeginArray().BeginObject().Field("Name", name).EndObject().EndArray();
  token.EndObject();
  ASSIGN_OR_RETURN(const std::string body, Put("/v1/acl/token", token.text()));
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::Parse(body));
  return document.root()["SecretID"].StringOr("");
}

}  // namespace dispatcher::testing
