// The registries that the benches know, each with a bare client's way to write to it: the
// same objects as the dispatcher's, by somebody who knows the answer and asks nothing.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/net/client.h"
#include "tests/bench/apps.h"
#include "tests/bench/catalog.h"

namespace dispatcher::bench {

// Calls that follow each other; chains may go side by side.
using Chain = std::vector<HttpRequest>;

// One thread; its processes end with it.
class Registry {
 public:
  virtual ~Registry() = default;

  virtual std::string name() const = 0;  // "Consul, mode agent"
  virtual std::string url() const = 0;
  // Of a dispatcher that reaches it at `url`, which may be a tap's.
  virtual std::vector<std::string> Settings(const std::string& url) const = 0;
  // What its apps have to be like.
  virtual AppsShape Shape() const = 0;
  // Connections that a bare client uses.
  virtual size_t Connections() const { return 4; }

  virtual std::vector<Chain> Everything(const Apps& apps) const = 0;
  // New tasks in, dead ones out, as many to a call as it can take.
  virtual std::vector<Chain> Exchange(const std::vector<Replacement>& replacements) const = 0;

  // How it stands with these apps' tasks, whoever of the two wrote them.
  virtual absl::StatusOr<Contents> Compare(const Apps& apps, bool bare) = 0;
};

// Unavailable says what is missing here.
using StartRegistry = std::function<absl::StatusOr<std::unique_ptr<Registry>>()>;
absl::StatusOr<std::unique_ptr<Registry>> StartConsulCatalog();
absl::StatusOr<std::unique_ptr<Registry>> StartConsulAgent();
absl::StatusOr<std::unique_ptr<Registry>> StartVulcandModel();
absl::StatusOr<std::unique_ptr<Registry>> StartRealVulcand();
absl::StatusOr<std::unique_ptr<Registry>> StartKongModel();

// A call that writes JSON.
HttpRequest Calling(const std::string& method, const std::string& target, std::string body = "");

// Carries chains out over so many connections; returns when the last call was answered. The
// first answer that is no 2xx is an error. `url` may be a tap's.
class BareClient {
 public:
  BareClient(const std::string& url, size_t connections);
  absl::Status Send(const std::vector<Chain>& chains);

 private:
  HttpClient client_;
  const size_t connections_;
};

}  // namespace dispatcher::bench
