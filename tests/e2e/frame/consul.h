// What Consul answers when it is asked for its whole content.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tests/e2e/frame/endpoints.h"
#include "tests/e2e/frame/http.h"

namespace dispatcher::testing {

// One service instance, as /v1/health/service/NAME shows it.
struct Registration {
  std::string id;
  std::string node;
  std::string address;  // the service's, else the node's
  int port = 0;
  std::string status;  // the worst of its checks; "passing" without any
  std::vector<std::string> tags;
  std::map<std::string, std::string> meta;
};
std::vector<Registration> RegistrationsOf(Http& consul, std::string_view service);

// Every instance of every service in the catalog, but for Consul's own.
Endpoints Registered(Http& consul);

// Consul's index of the last write to each registration of a service, by id.
std::map<std::string, int64_t> WrittenAt(Http& consul, std::string_view service);

// Registers an instance that is none of the dispatcher's business.
void RegisterStranger(Http& consul, std::string_view service, std::string_view address, int port);

// Takes every node without an agent out of the catalog and every service off the
// agent that is asked, so that the next test finds nothing.
void Empty(Http& consul);

}  // namespace dispatcher::testing
