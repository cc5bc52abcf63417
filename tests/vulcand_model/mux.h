// The running proxy's own state, with the differences to what is stored that Vulcand
// has (proxy/mux/mux.go, proxy/frontend/frontend.go, proxy/server/server.go of 0.9.2,
// and as measured on 0.8.0-beta.3): pure, no sockets, no threads.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "dispatcher/base/json.h"
#include "tests/vulcand_model/route.h"
#include "tests/vulcand_model/wire.h"

namespace dispatcher::testing {

class Mux {
 public:
  explicit Mux(VulcandVersion version) : version_(version) {}

  // One change of what is stored. `kind` is "backend", "server", "frontend" or
  // "listener", `parent` a server's backend. `json` empty: it was deleted.
  void Apply(const std::string& kind, const std::string& parent, const std::string& id,
             const std::string& json);

  struct Target {
    int status = 200;  // else what the proxy answers itself, with `body`
    std::string body, url;
    bool pass_host = false;
  };
  // Where a request on a listener with this scope goes; takes turns.
  Target Choose(const std::string& scope, const RoutedRequest& request);

  struct RunningListener {
    std::string address, protocol, scope;
  };
  // Those that have a socket, by id.
  const std::map<std::string, RunningListener>& listeners() const { return listeners_; }
  // The default listener's address: no other may have it.
  void Reserve(const std::string& address) { listeners_[""] = {address, "http", ""}; }

 private:
  struct Backend {
    std::map<std::string, std::string> servers;  // id -> URL
    size_t turn = 0;
  };
  struct Frontend {
    std::string backend, route, settings;
    bool pass_host = false;
  };

  void ApplyFrontend(const std::string& id, JsonView object);
  void ApplyListener(const std::string& id, JsonView object);

  VulcandVersion version_;
  std::map<std::string, Backend> backends_;
  std::map<std::string, Frontend> frontends_;
  // Tried in reverse order of the text.
  std::map<std::string, std::pair<Route, std::string>, std::greater<>> routes_;
  std::map<std::string, RunningListener> listeners_;
};

}  // namespace dispatcher::testing
