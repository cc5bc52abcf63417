// The definition part of an app's JSON. Inside of codec only.
#pragma once

#include "dispatcher/marathon/codec/json_fields.h"
#include "dispatcher/model/definition.h"

namespace dispatcher {

// See app.h for where ports come from. Errors go to app's status.
Definition DecodeDefinition(const JsonFields& app);

}  // namespace dispatcher
