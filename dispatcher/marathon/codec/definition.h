// The definition part of an app's JSON. Inside of codec only.
#pragma once

#include "dispatcher/marathon/codec/json_fields.h"
#include "dispatcher/model/definition.h"

namespace dispatcher {

// Ports, or checks, of an app or a pod. Marathon gives out a few thousand service ports to
// all apps together; each port costs many times the bytes of the {} that can stand for it.
inline constexpr size_t kMaxPorts = 1000;
// Of an app, for the same reason; no Marathon known has as many in all.
inline constexpr size_t kMaxTasks = 100'000;

// See app.h for where ports come from. Errors go to app's status.
Definition DecodeDefinition(const JsonFields& app);

}  // namespace dispatcher
