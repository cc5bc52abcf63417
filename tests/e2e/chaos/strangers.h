// What others keep in each registry: one who has never heard of a dispatcher, and another
// dispatcher, whose entries look like ours. Nothing of theirs may ever change.
#pragma once

#include <string>
#include <vector>

#include "tests/e2e/frame/consul.h"
#include "tests/e2e/frame/routers.h"

namespace dispatcher::testing {

// Not thread-safe.
class Strangers {
 public:
  Strangers(Http& consul, Routers& routers);

  // Puts them there and remembers what the registry says of them, word for word. Again
  // for a registry that lost everything. Throws if it is not taken.
  void PutInConsul();
  void PutInVulcand();
  void PutInKongs();

  // What of theirs is another than it was, "" if nothing is. Throws where a registry
  // doesn't answer.
  std::string Differs();

  // How they look among the endpoints of a registry.
  Endpoints ConsulEndpoints() const;
  Endpoints RouterEndpoints() const;  // Vulcand's, and each Kong's

 private:
  struct Look {
    Http* registry;
    std::string path, text;
  };
  // Remembers what is at these paths of that registry, in place of what was.
  void Remember(Http& registry, const std::vector<std::string>& paths);

  Http& consul_;
  Routers& routers_;
  const int port_;  // of a listener of theirs
  std::vector<Look> looks_;
};

}  // namespace dispatcher::testing
