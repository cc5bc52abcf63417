// One app out of an answer of Marathon's REST API, 0.8 to 1.10.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/definition.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

// What AppSeen says, without the read's own number and mark.
struct AppElement {
  std::shared_ptr<const Definition> definition;  // never null
  bool has_tasks = false;                        // `tasks` was there: absence may be concluded
  std::vector<TaskSeen> tasks;
  std::vector<std::string> deployments;
  std::vector<TaskId> ready_tasks;
};

// Of an element of /v2/apps, with or without embedded tasks. Everything but `id`
// is optional and may be null. InvalidArgument names app and field; one task that
// can't be decoded makes the whole app an error, because a task left out would
// look absent.
//
// Ports, in the order that tasks report them:
//   container.portMappings (1.5+), container.docker.portMappings (up to 1.4) if
//     there are any and networking is not host: has_mappings
//   ipAddress.discovery.ports (up to 1.4) if ipAddress is set and there are no
//     mappings: ip_per_task
//   portDefinitions (1.0+), else ports (their service ports), else none
// A bridge mapping without hostPort has host_port 0 (Marathon picks one); a
// container one has none. A service port of 0 is completed from `ports`.
// Only SERVICE_* of env is kept.
absl::StatusOr<AppElement> DecodeApp(JsonView app);

// The same from text: an element, a bare definition (/v2/apps/ID/versions/V), or
// {"app": ...} (/v2/apps/ID).
absl::StatusOr<AppElement> DecodeAppText(std::string_view text);

// The value of the top-level key "id" of an object that may be malformed, cut off
// or too deep to parse, to name it in ReadEnded::bad_apps. "" if there is none.
AppId SalvageId(std::string_view text);

}  // namespace dispatcher
