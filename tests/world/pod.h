// Pods: an App with containers. One Task is one instance with all its containers,
// which start and end together; events and reads show a task for each.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dispatcher/base/json.h"
#include "tests/world/state.h"

namespace dispatcher::world {

// Reads the members of a pod's spec as ReadApp does those of an app. Each container
// has at most one check.
App ReadPod(std::map<std::string, std::string> fields, std::vector<Complaint>& complaints);

// A container of an instance, as Marathon shows it.
struct Container {
  std::string name;
  std::string task;             // its id
  std::vector<int> host_ports;  // of its endpoints that have one, in declared order
};
std::vector<Container> ContainersOf(const Task& instance, const Profile& profile);

// What was posted, with its version.
void WritePodSpec(JsonWriter& out, const App& pod);
// An element of /v2/pods/::status.
void WritePodStatus(JsonWriter& out, const State& s, const App& pod);

// A check of the instance has a new result: tells it as its container's status and,
// where the sum over the instance changed, as the instance's health.
void TellPodHealth(State& s, Task& instance, const Check& check);

}  // namespace dispatcher::world
