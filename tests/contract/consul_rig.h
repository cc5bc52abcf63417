// An adapter before a fake Consul, with the fake's agents at hand.
#pragma once

#include <memory>
#include <string>

#include "dispatcher/net/client.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"

namespace dispatcher::testing {

struct ConsulRig {
  // With publish: router, the router is on 10.0.0.9, whose agent is node-10.0.0.9.
  ConsulRig(const std::string& mode, const std::string& publish) {
    ConsulOptions options;
    options.url = fake.url();
    options.agent_url = fake.agent_url();
    options.mode = mode;
    options.publish = publish;
    options.router_address = publish == "router" ? "10.0.0.9" : "";
    adapter = *MakeConsulAdapter(options);
  }
  void Put(const std::string& target, const std::string& body) {
    HttpClientOptions options;
    options.base = *Url::Parse(fake.url());
    HttpRequest request;
    request.method = "PUT";
    request.target = target;
    request.body = body;
    REQUIRE(HttpClient(options).Call(request, Cancel())->status == 200);
  }

  FakeConsul fake;
  std::unique_ptr<Adapter> adapter;
};

}  // namespace dispatcher::testing
