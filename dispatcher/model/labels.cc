#include "dispatcher/model/labels.h"

namespace dispatcher {

bool IsPublishingLabel(std::string_view key) {
  return key.starts_with("dispatcher.") || key == "consul" || key.starts_with("HAPROXY_") ||
         key.starts_with("SERVICE_") || key.starts_with("traefik.");
}

bool IsKeptLabel(std::string_view key, std::string_view value) {
  return IsPublishingLabel(key) || value == "tag" || value.starts_with("tag:");
}

}  // namespace dispatcher
