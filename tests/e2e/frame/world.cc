#include "tests/e2e/frame/world.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <optional>
#include <utility>

#include "dispatcher/base/strings.h"
#include "tests/support/consul_server.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

// Starting a Consul server takes seconds, so the program's tests share one.
ConsulServer& SharedConsul() {
  static const std::unique_ptr<ConsulServer> server = ConsulServer::Start().value();
  return *server;
}

std::string DefaultNameOf(const SimTask& task, const SimEndpoint& endpoint) {
  return DefaultName(task.app, endpoint.index, endpoint.name, endpoint.protocol);
}

// What Consul should say about a task; nullopt: it should not be there.
std::optional<std::string> StatusOf(const SimTask& task) {
  if (task.life != "Running") {
    return std::nullopt;
  }
  if (!task.has_checks) {
    return "passing";
  }
  return !task.healthy ? "" : *task.healthy ? "passing" : "critical";
}

}  // namespace

std::vector<std::string> Profiles() {
  // Read before any thread is started.
  const char* wanted = std::getenv("DISPATCHER_E2E_PROFILES");  // NOLINT(concurrency-mt-unsafe)
  std::vector<std::string> profiles;
  for (const std::string_view profile : Split(wanted == nullptr ? "1.8" : wanted, ' ')) {
    if (!profile.empty()) {
      profiles.emplace_back(profile);
    }
  }
  return profiles;
}

WorldOptions OfProfile(const std::string& profile) {
  WorldOptions options;
  options.marathon.profile = profile;
  return options;
}

std::string World::SharedConsulUrl() { return SharedConsul().url(); }

World::World(WorldOptions options)
    : name_of(DefaultNameOf),
      address_of([](const SimEndpoint& endpoint) { return endpoint.address; }),
      exceptions_(std::uncaught_exceptions()),
      options_(std::move(options)),
      consul_(options_.view_url.empty() ? SharedConsulUrl() : options_.view_url, options_.view_headers) {
  Empty(consul_);
  marathon_ = std::make_unique<Marathon>(options_.marathon);
  if (options_.start_dispatcher) {
    StartDispatcher();
  }
}

World::~World() {
  if (std::uncaught_exceptions() > exceptions_) {
    PrintEnd("marathon_sim", marathon_->Log());
    if (dispatcher_ != nullptr) {
      PrintEnd("dispatcher", dispatcher_->Log());
      PrintEnd("/v1/adapters", dispatcher_->Adapters());
    }
  }
}

void World::StartDispatcher(const std::vector<std::string>& further, const std::string& log_to) {
  std::vector<std::string> settings = {
      "marathon.urls=" + marathon_->url(),
      "adapters.consul.url=" + (options_.consul_url.empty() ? consul_.url() : options_.consul_url)};
  settings.insert(settings.end(), options_.settings.begin(), options_.settings.end());
  settings.insert(settings.end(), further.begin(), further.end());
  dispatcher_.reset();
  dispatcher_ = std::make_unique<Dispatcher>(settings, options_.config, log_to, options_.dispatcher_env);
}

void World::Deploy(const AppSpec& app) {
  marathon_->Post(Json(app, profile()));
  marathon_->WaitDeployed();
}

Endpoints World::Expected() {
  Endpoints expected;
  for (const SimTask& task : marathon_->Tasks()) {
    const std::optional<std::string> status = StatusOf(task);
    for (const SimEndpoint& endpoint : task.endpoints) {
      const std::string name = name_of(task, endpoint);
      if (status && !name.empty()) {
        expected[{name, address_of(endpoint), endpoint.port}] = *status;
      }
    }
  }
  return expected;
}

std::string World::Differs(std::chrono::milliseconds limit) {
  std::string difference;
  WaitFor(
      [&] {
        difference = Difference(Expected(), InConsul());
        return difference.empty();
      },
      limit);
  return difference;
}

}  // namespace dispatcher::testing
