#include "dispatcher/leader/holder.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "dispatcher/base/json.h"

namespace dispatcher {

Holder ThisProcess(std::string owner, std::string http) {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return {std::move(owner), host.data(), static_cast<int>(getpid()), std::move(http)};
}

std::string ToJson(const Holder& holder) {
  JsonWriter json;
  json.BeginObject().Field("owner", holder.owner).Field("host", holder.host);
  json.Field("pid", holder.pid).Field("http", holder.http).EndObject();
  return json.Take();
}

Holder HolderOf(std::string_view value) {
  Holder holder;
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(std::string(value));
  if (document.ok()) {
    const JsonView root = document->root();
    holder = {root["owner"].StringOr(""), root["host"].StringOr(""), static_cast<int>(root["pid"].IntOr(0)),
              root["http"].StringOr("")};
  }
  return holder;
}

std::string TextOf(const Holder& holder) {
  if (holder.host.empty()) {
    return "somebody unknown";
  }
  return holder.host + ", process " + std::to_string(holder.pid) +
         (holder.http.empty() ? "" : ", http " + holder.http);
}

}  // namespace dispatcher
