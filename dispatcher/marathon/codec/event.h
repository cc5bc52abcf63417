// The data of one event, of any Marathon since 0.8, as observations.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

struct DecodedEvent {
  std::string type;  // `eventType` of the JSON, which is right where proxies mix up `event:`
  std::vector<Observation> observations;    // empty: ignored, see `known`
  bool known = true;                        // false: no event that we have heard of. To be counted.
  std::vector<std::string> unknown_fields;  // top-level ones that this type never had. To be counted.
};

// A field that is optional and missing, or null, is not an error; a missing id is,
// and so is a field that carries meaning and has another type. Then
// InvalidArgument "status_update_event: taskId is missing": the event is lost and
// the caller has a gap. Messages name type and field and quote no values.
//
// Known and without use, so ignored: framework_message_event, subscribe_event,
// unsubscribe_event, event_stream_detached.
//
// StreamAttached comes with an empty leader: the stream's owner knows it.
// HealthUpdate.instance is derived from the task id where that is what came; a
// `taskId` that is an instance id (failed_health_check_event, 1.5+) is taken as
// one. An app id that is missing is taken from the task's or instance's id.
// A pod or app event whose uri names nothing ("/v2/pods") is GroupTouched "/".
absl::StatusOr<DecodedEvent> DecodeEvent(std::string_view data);

// The types that DecodeEvent has a use for, for Marathon's `event_type` filter
// (1.3.7+; older ones send everything). Sorted; valid for ever.
std::vector<std::string_view> WantedEventTypes();

}  // namespace dispatcher
