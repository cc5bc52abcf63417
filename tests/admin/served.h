// An AdminServer that shows what a test has written down, and a client of it.
#pragma once

#include <string>
#include <utility>

#include "dispatcher/admin/admin_server.h"
#include "dispatcher/net/client.h"
#include "tests/admin/fake_source.h"
#include "tests/support/catch.h"

namespace dispatcher {

class Served {
 public:
  explicit Served(HttpSettings settings = {}) : source(ExampleSource()), server_(Local(settings), source) {
    REQUIRE(server_.Start().ok());
  }

  HttpResponse Call(const std::string& method, const std::string& target, HttpHeaders headers = {}) {
    HttpClientOptions options;
    options.base = Url::Parse("http://" + server_.address()).value();
    HttpClient client(options);
    HttpRequest request;
    request.method = method;
    request.target = target;
    request.headers = std::move(headers);
    return client.Call(request, Cancel()).value();
  }
  std::string address() const { return server_.address(); }
  HttpResponse Get(const std::string& target) { return Call("GET", target); }

  FakeSource source;

 private:
  static HttpSettings Local(HttpSettings settings) {
    settings.listen = "127.0.0.1:0";
    return settings;
  }
  AdminServer server_;
};

}  // namespace dispatcher
