// One function per family of events, for event.cc's table. Inside of codec only.
#pragma once

#include <string_view>
#include <vector>

#include "dispatcher/marathon/codec/json_fields.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

// `type` is the event's; what is found goes to the end of `out`, errors into the
// event's status.
using EventDecoder = void (*)(std::string_view type, const JsonFields& event, std::vector<Observation>& out);

// event_tasks.cc: a task or instance is named
void DecodeStatusUpdate(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeInstanceChanged(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeInstanceHealth(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeHealthStatus(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeFailedHealthCheck(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeUnhealthyKill(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeStrayTerminated(std::string_view type, const JsonFields& event, std::vector<Observation>& out);

// event_apps.cc: an app, a group, a deployment or the scheduler
void DecodeAppTerminated(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeHealthCheckSet(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeApiPost(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodePodChanged(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeGroupChange(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeDeployment(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeScheduler(std::string_view type, const JsonFields& event, std::vector<Observation>& out);
void DecodeAttached(std::string_view type, const JsonFields& event, std::vector<Observation>& out);

}  // namespace dispatcher
