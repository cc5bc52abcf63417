// Marathon's names for things, and how one follows from another.
//
// App ids are absolute paths ("/shop/cart"); pods have ids of the same form. Task
// and instance ids come in six forms that live side by side after an upgrade of
// Marathon (regular expressions in Marathon's core/task/Task.scala and
// core/instance/Instance.scala).
#pragma once

#include <string>
#include <string_view>

namespace dispatcher {

using AppId = std::string;
using TaskId = std::string;
using InstanceId = std::string;

// The instance that a task belongs to; "" if `task` has none of the known forms.
//   a_b.UUID                            a_b.marathon-UUID
//   a_b.UUID.3            (resident)    a_b.marathon-UUID
//   a_b.instance-UUID.web[.2]           a_b.instance-UUID
//   a_b.instance-UUID._app.1            a_b.instance-UUID
// An instance id maps to itself: failed_health_check_event of 1.5+ carries one
// under the name taskId.
InstanceId InstanceOfTask(std::string_view task);

// True for ids that name an instance and no task.
bool IsInstanceId(std::string_view id);

// The app id that the id's safe path stands for ("a_b.UUID" -> "/a/b"). Only for
// messages that carry no app id of their own.
AppId AppOfTask(std::string_view task);

// "a/b", "/a/b", "//a/b", "/a/b/" -> "/a/b"; "" stays "".
AppId NormalAppId(std::string_view id);

}  // namespace dispatcher
