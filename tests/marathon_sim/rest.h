// Marathon's REST API over a World: no locks, no sockets, no faults.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/net/http.h"
#include "tests/world/world.h"

namespace dispatcher::sim {

struct RestCall {
  std::string method;
  std::string path;  // decoded, without query
  HttpHeaders query;
  HttpHeaders headers;
  std::string body;
  bool health = true;  // false: healthCheckResults are left out of reads
};

struct RestAnswer {
  int status = 200;
  std::string content_type = "application/json";
  std::string body = {};
  std::string pattern = {};     // "/v2/apps/{id}/versions/{version}", for counting
  std::string deployment = {};  // plan it started, or ""
  HttpHeaders headers = {};
};

RestAnswer AnswerOf(const world::Reply& reply);
// 404 with that message if there is no body.
RestAnswer FoundOr404(std::optional<std::string> body, std::string_view message);

RestAnswer Rest(world::World& world, const RestCall& call);

}  // namespace dispatcher::sim
