#include "dispatcher/marathon/codec/event.h"

#include <algorithm>

#include "dispatcher/base/json.h"
#include "dispatcher/marathon/codec/event_decoders.h"

namespace dispatcher {
namespace {

// Every event of Marathon's core/event/Events.scala, 0.8 to 1.10, with the fields
// it had in any version beside eventType and timestamp (one blank between them).
// Those without a decoder have no use here.
struct EventType {
  std::string_view name;
  EventDecoder decode;
  std::string_view fields;
};
constexpr EventType kTypes[] = {
    {"add_health_check_event", DecodeHealthCheckSet, "appId version healthCheck"},
    {"api_post_event", DecodeApiPost, "clientIp uri appDefinition"},
    {"app_terminated_event", DecodeAppTerminated, "appId"},
    {"deployment_failed", DecodeDeployment, "id plan reason"},
    {"deployment_info", DecodeDeployment, "plan currentStep"},
    {"deployment_step_failure", DecodeDeployment, "plan currentStep"},
    {"deployment_step_success", DecodeDeployment, "plan currentStep"},
    {"deployment_success", DecodeDeployment, "id plan"},
    {"event_stream_attached", DecodeAttached, "remoteAddress"},
    {"event_stream_detached", nullptr, "remoteAddress"},
    {"failed_health_check_event", DecodeFailedHealthCheck, "appId taskId instanceId healthCheck"},
    {"framework_message_event", nullptr, "executorId slaveId message"},
    {"group_change_failed", DecodeGroupChange, "groupId version reason"},
    {"group_change_success", DecodeGroupChange, "groupId version"},
    {"health_status_changed_event", DecodeHealthStatus, "appId taskId instanceId version alive"},
    {"instance_changed_event", DecodeInstanceChanged,
     "instanceId condition runSpecId agentId host runSpecVersion"},
    {"instance_health_changed_event", DecodeInstanceHealth, "instanceId runSpecId healthy runSpecVersion"},
    {"pod_created_event", DecodePodChanged, "clientIp uri"},
    {"pod_deleted_event", DecodePodChanged, "clientIp uri"},
    {"pod_updated_event", DecodePodChanged, "clientIp uri"},
    {"remove_health_check_event", DecodeHealthCheckSet, "appId healthCheck"},
    {"scheduler_disconnected_event", DecodeScheduler, ""},
    {"scheduler_registered_event", DecodeScheduler, "frameworkId master"},
    {"scheduler_reregistered_event", DecodeScheduler, "master"},
    {"status_update_event", DecodeStatusUpdate,
     "slaveId taskId taskStatus message appId host ipAddresses ports version"},
    {"subscribe_event", nullptr, "clientIp callbackUrl"},
    {"unhealthy_instance_kill_event", DecodeUnhealthyKill,
     "appId taskId instanceId version reason host slaveId"},
    {"unhealthy_task_kill_event", DecodeUnhealthyKill, "appId taskId version reason host slaveId"},
    {"unknown_instance_terminated_event", DecodeStrayTerminated, "instanceId runSpecId condition"},
    {"unknown_task_terminated_event", DecodeStrayTerminated, "taskId runSpecId status"},
    {"unsubscribe_event", nullptr, "clientIp callbackUrl"},
};
static_assert(std::is_sorted(std::begin(kTypes), std::end(kTypes),
                             [](const EventType& a, const EventType& b) { return a.name < b.name; }));

const EventType* Find(std::string_view name) {
  const auto* at = std::lower_bound(std::begin(kTypes), std::end(kTypes), name,
                                    [](const EventType& type, std::string_view n) { return type.name < n; });
  return at != std::end(kTypes) && at->name == name ? at : nullptr;
}

bool HasField(const EventType& type, std::string_view name) {
  if (name == "eventType" || name == "timestamp") {
    return true;
  }
  for (size_t at = type.fields.find(name); at != std::string_view::npos;
       at = type.fields.find(name, at + 1)) {
    const size_t end = at + name.size();
    if ((at == 0 || type.fields[at - 1] == ' ') && (end == type.fields.size() || type.fields[end] == ' ')) {
      return !name.empty();
    }
  }
  return false;
}

}  // namespace

absl::StatusOr<DecodedEvent> DecodeEvent(std::string_view data) {
  ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::Parse(data));
  const JsonView root = document.root();
  const auto name = root["eventType"].String();
  if (!name) {
    return Error(absl::StatusCode::kInvalidArgument, "an event: eventType is missing");
  }
  DecodedEvent event;
  event.type = *name;
  const EventType* type = Find(*name);
  if (type == nullptr) {
    event.known = false;
    return event;
  }
  root.ForEachMember([&](std::string_view field, JsonView) {
    if (!HasField(*type, field)) {
      event.unknown_fields.emplace_back(field);
    }
  });
  if (type->decode != nullptr) {
    absl::Status error;
    type->decode(type->name, JsonFields(type->name, "", root, error), event.observations);
    RETURN_IF_ERROR(error);
  }
  return event;
}

std::vector<std::string_view> WantedEventTypes() {
  std::vector<std::string_view> names;
  for (const EventType& type : kTypes) {
    if (type.decode != nullptr) {
      names.push_back(type.name);
    }
  }
  return names;
}

}  // namespace dispatcher
