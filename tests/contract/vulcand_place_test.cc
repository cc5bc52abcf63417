// What vulcand_place.h declares; named like a test because only those are built here.
#include "tests/contract/vulcand_place.h"

#include "tests/contract/vulcand_real.h"
#include "tests/support/catch.h"
#include "tests/vulcand_model/model.h"

namespace dispatcher::testing {
namespace {

std::pair<int, std::string> Exchange(const std::string& base, HttpRequest request) {
  HttpClientOptions options;
  options.base = *Url::Parse(base);
  HttpClient client(std::move(options));
  const absl::StatusOr<HttpResponse> response = client.Call(request, Cancel());
  return response.ok() ? std::pair(response->status, response->body)
                       : std::pair(0, std::string(Message(response.status())));
}

}  // namespace

std::vector<std::string> Engines(const VulcandPlace& place) {
  return place.etcd_url.empty() || place.etcd_version != 3 ? std::vector<std::string>{"api"}
                                                           : std::vector<std::string>{"api", "etcd"};
}

std::unique_ptr<Adapter> VulcandPlace::Make(const std::string& owner, const std::string& engine) const {
  VulcandOptions options;
  options.owner = owner;
  options.url = url;
  options.engine = engine;
  options.etcd_url = etcd_url;
  options.listeners = true;
  options.listener_address = "127.0.0.1";
  return *MakeVulcandAdapter(options);
}

std::pair<int, std::string> VulcandPlace::Ask(const std::string& method, const std::string& path,
                                              const std::string& body) const {
  HttpRequest request;
  request.method = method;
  request.target = path;
  request.body = body;
  return Exchange(url, request);
}

std::pair<int, std::string> Visit(const std::string& base, const std::string& host, const std::string& path) {
  HttpRequest request;
  request.target = path;
  request.headers = {{"Host", host}};
  return Exchange(base, request);
}

void OnEachVulcand(const std::function<void(const VulcandPlace&)>& body) {
  struct Kind {
    std::string name;
    VulcandVersion version;
    int etcd_version;
  };
  for (const Kind& kind : {Kind{"model of 0.8.0-beta.3", VulcandVersion::kBeta3, 2},
                           Kind{"model of 2018, etcd v2", VulcandVersion::k2018, 2},
                           Kind{"model of 0.9.2, etcd v3", VulcandVersion::k092, 3}}) {
    DYNAMIC_SECTION(kind.name) {
      VulcandModelOptions options;
      options.version = kind.version;
      options.etcd_version = kind.etcd_version;
      const auto model = *VulcandModel::Start(options);
      body({model->url(), model->proxy_url(), "", kind.etcd_version});
    }
  }
  for (const int etcd_version : {2, 3}) {
    DYNAMIC_SECTION("Vulcand with etcd v" << etcd_version) {
      std::string why;
      VulcandServer* server = SharedVulcand(etcd_version, why);
      if (server == nullptr) {
        WARN("skipped: " << why);
        continue;
      }
      REQUIRE(server->Wipe() == absl::OkStatus());
      body({server->url(), server->proxy_url(), server->etcd_url(), etcd_version});
    }
  }
}

NamedTask::NamedTask(std::string name) {
  server_.HandleRest([name = std::move(name)](const HttpCall& call) {
    HttpReply reply;
    reply.content_type = "text/plain";
    reply.body = name + " " + std::string(FindHeader(call.headers, "Host"));
    return reply;
  });
  REQUIRE(server_.Start("127.0.0.1", 0) == absl::OkStatus());
}

}  // namespace dispatcher::testing
