// Vulcand's objects as entries, and back to the JSON that the API takes and etcd
// holds. Reading and rendering meet here, so that what is read back equals what was
// rendered whatever Vulcand fills in. A field that nobody here sets, such as an
// operator's timeouts on a backend, is not compared.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dispatcher/base/json.h"
#include "dispatcher/base/status.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

// kind "backend": type. kind "server", id "<backend id>/<server id>": address.
// kind "frontend": backend, route, hostname (not for wildcards). kind "listener":
// address, protocol, scope. Ranks are in the order in which each needs the one before.
Entry BackendEntry(std::string id, ServiceKey service);
Entry ServerEntry(std::string_view backend, ServiceKey service, TaskId task, std::string address);
Entry FrontendEntry(std::string id, ServiceKey service, std::string backend, std::string route,
                    std::string hostname);
Entry ListenerEntry(std::string id, ServiceKey service, std::string address, std::string scope);

// An object as Vulcand shows or stores it; the id it stands under is given beside it.
// Nothing if it is not of `owner`.
std::optional<Entry> ParseBackend(std::string_view owner, std::string_view id, JsonView object);
std::optional<Entry> ParseServer(std::string_view owner, std::string_view backend, std::string_view id,
                                 JsonView object);
std::optional<Entry> ParseFrontend(std::string_view owner, std::string_view id, JsonView object);
std::optional<Entry> ParseListener(std::string_view owner, std::string_view id, JsonView object);

// True if it says that it hides the client's Host header; 0.8.0-beta.3 knows no such
// setting and passes the header on.
bool HidesHost(JsonView frontend);

// What Vulcand takes for 0 in a frontend's Limits.MaxMemBodyBytes (mailgun/multibuf).
inline constexpr int64_t kUsualMemory = 1048576;

// The JSON of an object. InvalidArgument if it lacks what Vulcand must not go without.
// `memory` is for frontends: a change of PassHostHeader is taken up only along with
// another (HTTPFrontendSettings.Equals in engine/model.go leaves it out), and 0 and
// kUsualMemory are two ways to say one thing. Two writes in a row would not do: the
// engine for etcd v3 is told of each, but looks at what is there by then.
absl::StatusOr<std::string> ObjectJson(const Entry& entry, int64_t memory = 0);

// "<backend id>/<server id>" cut in two.
std::pair<std::string_view, std::string_view> SplitServerId(std::string_view id);

}  // namespace dispatcher
