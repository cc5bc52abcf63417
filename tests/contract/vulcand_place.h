// A Vulcand to try things on, the model or the real one, and tasks behind it.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "adapters/vulcand/vulcand.h"
#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"
#include "tests/contract/subjects.h"

namespace dispatcher::testing {

struct VulcandPlace {
  std::string url, proxy_url;
  std::string etcd_url;  // "": the model
  int etcd_version = 3;

  // With a listener on 127.0.0.1 for each service.
  std::unique_ptr<Adapter> Make(const std::string& owner, const std::string& engine = "api") const;
  // The answer of the API: status and body.
  std::pair<int, std::string> Ask(const std::string& method, const std::string& path,
                                  const std::string& body = "") const;
};

// The engines that can be tried at a place.
std::vector<std::string> Engines(const VulcandPlace& place);

// Empty ones, each in a section of its own: models of every kind, and the real ones
// where they can be had.
void OnEachVulcand(const std::function<void(const VulcandPlace&)>& body);

// Status and body of a GET to `base` for that host.
std::pair<int, std::string> Visit(const std::string& base, const std::string& host,
                                  const std::string& path = "/");

// A server on 127.0.0.1 that answers "<name> <the Host header it saw>".
class NamedTask {
 public:
  explicit NamedTask(std::string name);
  uint16_t port() const { return static_cast<uint16_t>(server_.port()); }

 private:
  HttpServer server_;
};

}  // namespace dispatcher::testing
