// One service instance in Consul's terms, and its form as an Entry. Both modes
// render and read through here, so that what is read back equals what was rendered
// whatever the server adds (TaggedAddresses, Proxy, empty lists).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/publish.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/entry.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

inline constexpr std::string_view kRegistrationKind = "service";  // EntryId::kind in both modes
inline constexpr std::string_view kOwnerKey = "dispatcher-owner";

// Consul's limit on a value of Meta is 512 bytes; an app id this long leaves no
// room for its task ids.
inline constexpr size_t kMaxAppId = 400;
inline constexpr size_t kMaxMetaValue = 512;

struct Registration {
  std::string id, name, address;
  int64_t port = 0;
  std::vector<std::string> tags;
  int64_t weight = 1, warning_weight = 1;
  bool tag_override = false;
  // Meta
  std::string owner, app, task, version, framework, host, checks;
  int64_t port_index = 0;
};

// Adapter::Render of a service: Consul has no structure beside the instances.
Rendered RenderService(const Service& service, std::string_view adapter, Expose expose);

// "<owner>:<task>:<port index>~"; for the further names of a port ".<number>"
// before the "~", which no task id holds: so no id is a prefix of another.
std::string ServiceId(std::string_view owner, std::string_view task, int port_index, size_t name_index);

// The agent that an instance runs on; its address if that is not known.
inline const SharedString& HostOf(const Instance& instance) {
  return instance.host.empty() ? instance.address : instance.host;
}

// What an instance is under each name of its profile; nothing while it is not known
// where it runs. `host` is left empty.
std::vector<Registration> RegistrationsOf(std::string_view owner, std::string_view framework,
                                          const Service& service, const Instance& instance);

// A service in the form of catalog/node (key Service for its name).
Registration ParseRegistration(JsonView service);

// Ours by mark and id. An entry that has one of the two is somebody else's.
bool IsOwn(const Registration& registration, std::string_view owner);

// Everything but id.lane and id.kind; id.id is the service id. Fields that have
// their usual value are left out: most entries need three.
Entry EntryOf(const Registration& registration);

// InvalidArgument if an entry lacks what Consul must not go without: name, address
// and port (0.0.0.0, or none, would send traffic to the node).
absl::Status CheckWritable(const Entry& entry);

// Members of the JSON object that registers the entry, without checks: ID, name
// under `name_key` ("Service" in transactions, "Name" at an agent), Tags, Address,
// Port, Weights, Meta. `host` and `checks` are left out of Meta when empty.
void WriteRegistration(JsonWriter& json, const Entry& entry, std::string_view service_id,
                       std::string_view owner, std::string_view name_key, std::string_view host,
                       std::string_view checks);

}  // namespace dispatcher
