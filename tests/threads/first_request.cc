// One request through cpp-httplib before the first case of a suite that TSan watches.
//
// Debian's libcpp-httplib.so is not instrumented. What its functions make at their first
// call (the set of HTTP methods) is guarded as C++ demands, but TSan does not see the guard
// and takes two servers' first requests at the same moment for a race. Here one thread
// makes them, and is joined. Nothing has to be suppressed then.
#define CATCH_CONFIG_EXTERNAL_INTERFACES
#include "dispatcher/net/client.h"
#include "dispatcher/net/server.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

#if __has_include(<catch2/catch_all.hpp>)
using Listener = Catch::EventListenerBase;
#else
using Listener = Catch::TestEventListenerBase;
#endif

class FirstRequest final : public Listener {
 public:
  using Listener::Listener;

  void testRunStarting(const Catch::TestRunInfo&) override {
    HttpServer server;
    server.HandleRest([](const HttpCall&) { return HttpReply(); });
    if (!server.Start("127.0.0.1", 0).ok()) {
      return;
    }
    HttpClientOptions options;
    options.base.host = "127.0.0.1";
    options.base.port = server.port();
    HttpClient client(options);
    for (const char* const method : {"GET", "PUT"}) {
      HttpRequest request;
      request.method = method;
      request.target = "/?a=b";
      request.body = request.method == "PUT" ? "x" : "";
      client.Call(request, {}).IgnoreError();
    }
  }
};

CATCH_REGISTER_LISTENER(FirstRequest)

}  // namespace
}  // namespace dispatcher
