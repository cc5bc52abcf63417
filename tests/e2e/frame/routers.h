// What stands between clients and tasks, behind one dispatcher:
//
//   vulcand   the real one with an etcd of its own where both can be had, else the model
//   kong      a model of 2.8 in mode `targets`: straight to the instances
//   gateway   a model of 3.9 in mode `router`: to Vulcand's listeners
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/frame/endpoints.h"
#include "tests/e2e/frame/http.h"
#include "tests/support/process.h"
#include "tests/support/vulcand_server.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {

struct RoutersOptions {
  bool real_vulcand = true;  // false: the model alone, which can fail on purpose
  std::string kong_version = "2.8.5";
  std::string gateway_version = "3.9.3";
};

// Not thread-safe. The processes end with this.
class Routers {
 public:
  explicit Routers(const RoutersOptions& options = {});

  // "Vulcand 0.9.2", or "the model of Vulcand 0.9.2".
  const std::string& vulcand_is() const { return vulcand_is_; }

  // Of a dispatcher with three adapters of these names that publish everything.
  std::vector<std::string> Settings() const;
  // The same addresses for deploy/showcase.yaml, whose `kong` is our gateway.
  std::vector<std::string> ShowcaseSettings() const;

  // The APIs.
  Http& vulcand() { return *vulcand_; }
  Http& kong() { return *kong_; }
  Http& gateway() { return *gateway_; }
  // Where clients go; beside these, Vulcand's listeners.
  const std::string& vulcand_proxy() const { return vulcand_proxy_; }
  const std::string& kong_proxy() const { return kong_proxy_; }
  const std::string& gateway_proxy() const { return gateway_proxy_; }

  // Where requests for a host are sent on to: `service` is the host, any status.
  Endpoints InVulcand();
  Endpoints InKong() { return BehindKong(*kong_); }
  Endpoints InGateway() { return BehindKong(*gateway_); }

  // Everything is gone, whoever's it was.
  void WipeVulcand();
  void WipeKongs();
  // They return when the APIs answer again; data is kept.
  void RestartVulcand();
  void RestartKongs();
  // As the models' faults.h say; Vulcand's only where it is the model.
  static void Faults(Http& model, std::string_view faults) {
    model.Must("POST", "/sim/faults", std::string(faults));
  }

 private:
  static Endpoints BehindKong(Http& kong);

  std::string vulcand_is_, vulcand_proxy_, kong_proxy_, gateway_proxy_;
  std::unique_ptr<VulcandServer> real_vulcand_;
  std::unique_ptr<Process> vulcand_model_, kong_model_, gateway_model_;
  int kong_restarts_ = 0;
  std::unique_ptr<Http> vulcand_, kong_, gateway_;
};

// Who answers a GET of `base` for that host: the task's id, "503" for any other
// answer of that status, "nobody" where no connection is to be had.
std::string WhoAnswers(const std::string& base, const std::string& host, const std::string& path = "/");

// "" once requests to `base` for that host are answered by each of these tasks in
// equal shares and by nobody else; after `limit`, who answered how often.
std::string NotAlternating(const std::string& base, const std::string& host,
                           const std::vector<std::string>& tasks,
                           std::chrono::milliseconds limit = kPatience);

}  // namespace dispatcher::testing
