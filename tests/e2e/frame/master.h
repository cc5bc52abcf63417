// A Mesos master and its page.
#pragma once

#include <stdexcept>
#include <string>

#include "dispatcher/net/server.h"

namespace dispatcher::testing {

// A Mesos master that knows the leader: itself.
class Master {
 public:
  Master() {
    server_.Handle("GET", "/master/redirect", [this](const HttpCall&) {
      HttpReply reply;
      reply.status = 307;
      reply.headers.emplace_back("Location", "//" + address());
      return reply;
    });
    server_.Handle("GET", "/.*", [](const HttpCall&) {
      HttpReply reply;
      reply.body = R"({"task":"the page of Mesos"})";
      return reply;
    });
    if (const absl::Status started = server_.Start("127.0.0.1", 0); !started.ok()) {
      throw std::runtime_error(Text(started));
    }
  }
  std::string address() const { return "127.0.0.1:" + std::to_string(server_.port()); }

 private:
  HttpServer server_;
};

}  // namespace dispatcher::testing
