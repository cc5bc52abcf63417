// Consul in both modes.
#include <algorithm>
#include <set>
#include <utility>

#include "adapters/consul/registration.h"
#include "adapters/consul/txn.h"
#include "dispatcher/base/json.h"
#include "tests/bench/bare_writer.h"
#include "tests/bench/registry.h"
#include "tests/support/consul_server.h"

namespace dispatcher::bench {
namespace {

class ConsulRegistry : public Registry {
 public:
  explicit ConsulRegistry(std::unique_ptr<testing::ConsulServer> server)
      : server_(std::move(server)), client_(HttpOptions(server_->url())) {}

  std::string url() const override { return server_->url(); }

 protected:
  std::unique_ptr<testing::ConsulServer> server_;
  HttpClient client_;
};

class CatalogRegistry : public ConsulRegistry {
 public:
  using ConsulRegistry::ConsulRegistry;

  std::string name() const override { return "Consul catalog"; }
  std::vector<std::string> Settings(const std::string& url) const override {
    return {"adapters.consul.url=" + url};
  }
  AppsShape Shape() const override { return {}; }
  // One transaction after the other, as BareWriter.
  size_t Connections() const override { return 1; }

  std::vector<Chain> Everything(const Apps& apps) const override {
    return Transactions(BareWriter::Everything(apps));
  }
  std::vector<Chain> Exchange(const std::vector<Replacement>& replacements) const override {
    std::vector<std::string> operations;
    for (const Replacement& replacement : replacements) {
      for (std::string& operation : BareWriter::Exchange(replacement)) {
        operations.push_back(std::move(operation));
      }
    }
    return Transactions(operations);
  }
  absl::StatusOr<Contents> Compare(const Apps& apps, bool bare) override {
    return bench::Compare(client_, apps, bare ? kBareOwner : kDispatcherOwner);
  }

 private:
  static std::vector<Chain> Transactions(const std::vector<std::string>& operations) {
    std::vector<Chain> chains(1);
    for (size_t begin = 0; begin < operations.size(); begin += kTxnOperations) {
      std::string body;
      for (size_t i = begin; i < std::min(operations.size(), begin + kTxnOperations); ++i) {
        body.append(body.empty() ? "[" : ",").append(operations[i]);
      }
      chains[0].push_back(Calling("PUT", "/v1/txn", body + "]"));
    }
    return chains;
  }
};

class AgentRegistry : public ConsulRegistry {
 public:
  using ConsulRegistry::ConsulRegistry;

  std::string name() const override { return "Consul agent"; }
  // All tasks run where the server's own agent is.
  std::vector<std::string> Settings(const std::string& url) const override {
    const std::string port = url.substr(url.rfind(':'));
    return {"adapters.consul.url=" + url, "adapters.consul.mode=agent",
            "adapters.consul.agent_url=http://{host}" + port};
  }
  AppsShape Shape() const override { return {{"127.0.0.1"}, false}; }

  std::vector<Chain> Everything(const Apps& apps) const override {
    std::vector<Chain> chains;
    for (int app = 0; app < apps.size(); ++app) {
      for (const Task& task : apps.Tasks(app)) {
        chains.push_back({Register(apps.Id(app), apps.Service(app), task)});
      }
    }
    return chains;
  }
  std::vector<Chain> Exchange(const std::vector<Replacement>& replacements) const override {
    std::vector<Chain> chains;
    for (const Replacement& one : replacements) {
      const std::string id = ServiceId(kBareOwner, one.dead.id, 0, 0);
      chains.push_back({Register(one.app, one.service, one.born),
                        Calling("PUT", HttpPath("/v1/agent/service/deregister", {id}))});
    }
    return chains;
  }
  absl::StatusOr<Contents> Compare(const Apps& apps, bool bare) override {
    const std::string owner = bare ? kBareOwner : kDispatcherOwner;
    ASSIGN_OR_RETURN(const JsonDocument all, server_->Get("/v1/agent/services"));
    std::set<std::string> wanted;
    for (int app = 0; app < apps.size(); ++app) {
      for (const Task& task : apps.Tasks(app)) {
        wanted.insert(ServiceId(owner, task.id, 0, 0));
      }
    }
    Contents contents;
    contents.wanted = wanted.size();
    all.root().ForEachMember([&](std::string_view id, JsonView) {
      if (id.starts_with(owner + ":")) {
        ++(wanted.contains(std::string(id)) ? contents.present : contents.surplus);
      }
    });
    return contents;
  }

 private:
  static HttpRequest Register(const std::string& app, const std::string& service, const Task& task) {
    const Entry entry = BareWriter::EntryOf(app, service, task);
    JsonWriter json;
    json.BeginObject();
    WriteRegistration(json, entry, ServiceId(kBareOwner, task.id, 0, 0), kBareOwner, "Name", task.host, "");
    return Calling("PUT", "/v1/agent/service/register", json.EndObject().Take());
  }
};

}  // namespace

absl::StatusOr<std::unique_ptr<Registry>> StartConsulCatalog() {
  ASSIGN_OR_RETURN(auto server, testing::ConsulServer::Start());
  return std::make_unique<CatalogRegistry>(std::move(server));
}

absl::StatusOr<std::unique_ptr<Registry>> StartConsulAgent() {
  ASSIGN_OR_RETURN(auto server, testing::ConsulServer::Start());
  return std::make_unique<AgentRegistry>(std::move(server));
}

}  // namespace dispatcher::bench
