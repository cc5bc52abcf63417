#include "tests/support/vulcand_server.h"

#include <unistd.h>

#include <cstdlib>
#include <utility>
#include <vector>

#include "dispatcher/base/json.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {

absl::StatusOr<std::string> VulcandServer::Binary() {
  const char* given = std::getenv("VULCAND_BINARY");
  const std::string path = given != nullptr && *given != '\0'
                               ? given
                               : std::string(TEST_DATA) + "/../../build/vulcand/bin/vulcand";
  if (access(path.c_str(), X_OK) != 0) {
    return Error(absl::StatusCode::kUnavailable, "no Vulcand at ", path,
                 ": set VULCAND_BINARY, or run tests/tools/fetch_vulcand.sh");
  }
  return path;
}

VulcandServer::VulcandServer(int etcd_version)
    : etcd_version_(etcd_version), api_port_(FreePort()), proxy_port_(FreePort()) {
  HttpClientOptions http;
  http.base.host = "127.0.0.1";
  http.base.port = api_port_;
  client_ = std::make_unique<HttpClient>(std::move(http));
}

absl::StatusOr<std::unique_ptr<VulcandServer>> VulcandServer::Start(int etcd_version) {
  std::unique_ptr<VulcandServer> server(new VulcandServer(etcd_version));
  RETURN_IF_ERROR(Binary().status());
  ASSIGN_OR_RETURN(server->etcd_, EtcdServer::Start());
  RETURN_IF_ERROR(server->Launch());
  return server;
}

absl::Status VulcandServer::Launch() {
  ASSIGN_OR_RETURN(const std::string binary, Binary());
  ASSIGN_OR_RETURN(vulcand_, Process::Start({binary, "-apiInterface=127.0.0.1", "-interface=127.0.0.1",
                                             "-apiPort=" + std::to_string(api_port_),
                                             "-port=" + std::to_string(proxy_port_), "-etcd=" + etcd_url(),
                                             "-etcdApiVer=" + std::to_string(etcd_version_)}));
  const bool ready = WaitFor([&] { return !vulcand_->Running() || Call("GET", "/v2/backends").ok(); });
  if (ready && vulcand_->Running()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kUnavailable, "Vulcand did not come up: ", vulcand_->Output());
}

absl::Status VulcandServer::Restart() {
  vulcand_->Kill();
  return Launch();
}

absl::StatusOr<std::string> VulcandServer::Call(const std::string& method, const std::string& target,
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

absl::Status VulcandServer::Wipe() {
  const auto ids = [&](const std::string& path,
                       const std::string& key) -> absl::StatusOr<std::vector<std::string>> {
    ASSIGN_OR_RETURN(const std::string body, Call("GET", path));
    ASSIGN_OR_RETURN(const JsonDocument list, JsonDocument::Parse(body));
    std::vector<std::string> found;
    list.root()[key].ForEach([&](JsonView object) { found.push_back(object["Id"].StringOr("")); });
    return found;
  };
  const auto wipe = [&](const std::string& path, const std::string& key) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<std::string> all, ids(path, key));
    for (const std::string& id : all) {
      // One that is gone already went with another of which its id begins.
      (void)Call("DELETE", HttpPath(path, {id}));
    }
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(wipe("/v2/listeners", "Listeners"));
  RETURN_IF_ERROR(wipe("/v2/frontends", "Frontends"));
  ASSIGN_OR_RETURN(const std::vector<std::string> backends, ids("/v2/backends", "Backends"));
  for (const std::string& backend : backends) {
    RETURN_IF_ERROR(wipe(HttpPath("/v2/backends", {backend}) + "/servers", "Servers"));
  }
  return wipe("/v2/backends", "Backends");
}

}  // namespace dispatcher::testing
