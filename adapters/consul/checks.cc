#include "adapters/consul/checks.h"

#include <optional>

#include "adapters/publish.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

std::optional<int> PortOf(const CheckSpec& check, const Instance& instance) {
  if (check.port.has_value()) {
    return check.port;
  }
  const size_t index = static_cast<size_t>(check.port_index.value_or(0));
  if (index < instance.ports.size() && instance.ports[index] > 0) {
    return instance.ports[index];
  }
  return std::nullopt;
}

// The member that says what to do; false if the check can't be mapped.
bool WriteProbe(JsonWriter& json, const CheckSpec& check, const Instance& instance, bool scripts) {
  if (check.protocol == CheckProtocol::kCommand) {
    if (scripts) {
      json.Key("Args").BeginArray().String("/bin/sh").String("-c").String(check.command).EndArray();
    }
    return scripts;
  }
  const std::optional<int> port = PortOf(check, instance);
  if (!port.has_value() || instance.address.empty()) {
    return false;
  }
  const std::string where = HostPort(instance.address, *port);
  const std::string path = check.path.starts_with("/") ? check.path : "/" + check.path;
  switch (check.protocol) {
    case CheckProtocol::kHttp:
    case CheckProtocol::kMesosHttp:
      json.Field("HTTP", "http://" + where + path);
      return true;
    case CheckProtocol::kHttps:
    case CheckProtocol::kMesosHttps:
      // Marathon does not verify certificates in its health checks.
      json.Field("HTTP", "https://" + where + path).Field("TLSSkipVerify", true);
      return true;
    case CheckProtocol::kTcp:
    case CheckProtocol::kMesosTcp:
      json.Field("TCP", where);
      return true;
    case CheckProtocol::kCommand:
    case CheckProtocol::kOther:
      break;
  }
  return false;
}

}  // namespace

std::string AgentCheckPrefix(std::string_view service_id) { return std::string(service_id) + "check"; }

std::string AgentCheckId(std::string_view service_id, size_t index) {
  return AgentCheckPrefix(service_id) + std::to_string(index);
}

MappedChecks MapChecks(const Instance& instance, std::string_view service_id, bool scripts) {
  MappedChecks mapped;
  if (instance.profile == nullptr) {
    return mapped;
  }
  const bool failing =
      instance.condition == Condition::kCritical || instance.condition == Condition::kDraining;
  std::string definitions;
  JsonWriter all;
  all.BeginArray();
  for (const CheckSpec& check : instance.profile->checks) {
    JsonWriter one;
    one.BeginObject();
    if (mapped.count == kMaxChecks || !WriteProbe(one, check, instance, scripts)) {
      continue;
    }
    one.Field("CheckID", AgentCheckId(service_id, mapped.count)).Field("Name", "Marathon's health check");
    one.Field("Interval", std::to_string(std::max(1, check.interval_seconds)) + "s");
    one.Field("Timeout", std::to_string(std::max(1, check.timeout_seconds)) + "s");
    definitions += one.text();
    one.Field("Status", failing ? "critical" : "passing").EndObject();
    all.Raw(one.text());
    ++mapped.count;
  }
  all.EndArray();
  if (mapped.count > 0) {
    mapped.json = all.Take();
    mapped.hash = Hex(Fnv1a(definitions));
  }
  return mapped;
}

}  // namespace dispatcher
