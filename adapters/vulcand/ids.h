// Ids of what is ours in Vulcand. It has no place for remarks, so an id carries the
// owner, the app and the port, and can be read back.
//
//   backend, frontend, listener   <owner>.<app>.<port>.~         dispatcher._shop_cart.0.~
//   every further route           <owner>.<app>.<port>.r<hash>.~
//   shared by several apps        <owner>.<name>.shared.~, and .shared.r<hash>.~
//   server, in its backend        <task>.<port>.~
//
// In apps and names "/" is "_"; every other byte that is not [a-z0-9.-] is ":" and
// two hex digits, as is "_" itself. In task ids "_" stays. The engine for etcd v3
// (0.8.0-beta.4 to 0.9.2) deletes by key prefix: "~" ends every id and is nowhere
// else in one, so that none is the prefix of another.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "dispatcher/model/service.h"

namespace dispatcher {

inline constexpr std::string_view kBackendKind = "backend";
inline constexpr std::string_view kServerKind = "server";
inline constexpr std::string_view kFrontendKind = "frontend";
inline constexpr std::string_view kListenerKind = "listener";

std::string VulcandId(std::string_view owner, const ServiceKey& key);
std::string SharedVulcandId(std::string_view owner, std::string_view name);
// The id of one more route beside `id`, told apart by its text.
std::string RouteId(std::string_view id, std::string_view route);
std::string VulcandServerId(std::string_view task, int port);

// The service that the id of a backend, frontend or listener stands for, app "" if
// it is shared; nothing if the id is not of `owner`.
std::optional<ServiceKey> ParseVulcandId(std::string_view owner, std::string_view id);
// True if `id` is that of a backend which several apps share.
bool IsSharedVulcandId(std::string_view id);

struct VulcandTask {
  TaskId task;
  int port = 0;
};
// Nothing if the id is not of our form.
std::optional<VulcandTask> ParseVulcandServerId(std::string_view id);

}  // namespace dispatcher
