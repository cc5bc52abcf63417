// The events, one function each, in the dress of the profile.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"
#include "tests/world/state.h"

namespace dispatcher::world {

// The name of a condition in instance_changed_event and in task lists' states.
std::string_view ConditionName(Condition condition, const Profile& profile);
// TASK_... as task lists show it.
std::string StateName(const Task& task, const Profile& profile);

// What Marathon knows of a task's addresses: none before it runs, its own after
// options.address_lag_ms.
std::vector<std::string> ToldAddresses(const State& s, const Task& task);
// "ipAddresses" with these; where there are none, empty or left out.
void WriteIpAddresses(JsonWriter& out, const State& s, const Task& task, bool if_empty);

void EmitStatusUpdate(State& s, const Task& task, std::string_view status, std::string_view message = "");
// The same of one container of a pod's instance; EmitStatusUpdate tells of each.
void EmitContainerUpdate(State& s, const Task& pod, std::string_view name, std::string_view status);
void EmitInstanceChanged(State& s, const Task& task, Condition condition);  // nothing up to 1.3
void EmitHealthStatusChanged(State& s, const Task& task, bool alive);
// From the health actors, or from the task's own updates where Mesos checks.
void EmitInstanceHealth(State& s, const Task& task, std::optional<bool> healthy, bool by_status = false);
void EmitFailedCheck(State& s, const Task& task, const Check& check);
void EmitUnhealthyKill(State& s, const Task& task, std::string_view reason);
void EmitStrayTerminated(State& s, const Task& task);
void EmitAddChecks(State& s, const App& app);
void EmitRemoveChecks(State& s, const App& app);
// type: deployment_info, deployment_step_success, deployment_success or deployment_failed.
void EmitDeployment(State& s, const Plan& plan, std::string_view type, std::string_view reason = "");
void EmitAppTerminated(State& s, const Plan& plan, const std::string& app);
void EmitGroupChange(State& s, std::string_view group, std::string_view version);
void EmitApiPost(State& s, const App& app, std::string_view uri);
// type: pod_created_event, pod_updated_event or pod_deleted_event.
void EmitPodChange(State& s, std::string_view type, const std::string& pod, std::string_view uri);
void EmitStream(State& s, bool attached, std::string_view remote);
void EmitScheduler(State& s, std::string_view type);

// [{"actions":[..]},..] of a plan; shared with /v2/deployments.
std::string StepsJson(const Plan& plan, const Profile& profile);
std::string ActionsJson(const std::vector<Action>& actions, const Profile& profile);

}  // namespace dispatcher::world
