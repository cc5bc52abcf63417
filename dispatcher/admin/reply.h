// An answer in one line.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "dispatcher/net/server.h"

namespace dispatcher {

inline HttpReply Reply(int status, std::string body, std::string_view content_type = "application/json") {
  HttpReply reply;
  reply.status = status;
  reply.content_type = content_type;
  reply.body = std::move(body);
  return reply;
}

}  // namespace dispatcher
