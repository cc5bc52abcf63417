// SIGHUP: the settings are read anew, and an engine made of them takes the place of
// the one that runs as soon as it knows what it would write. Until then, and for good
// if there is anything against it, the old one goes on. The decisions and their numbers, the
// ages of entries and the process's start stay as they are.
#pragma once

#include <memory>
#include <optional>

#include "dispatcher/admin/admin_server.h"
#include "dispatcher/admin/source.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/engine/engine.h"

namespace dispatcher {

// What a process that runs consists of.
struct Serving {
  Settings settings;
  std::shared_ptr<Engine> engine;
  EngineSource& source;
  AdminServer& server;
};

// Whether settings may take the place of others while the process runs. InvalidArgument
// names the one that may not.
absl::Status MayFollow(const Settings& now, const Settings& fresh);

// Logs what became of it. Returns the signal that asked for a stop meanwhile, if one did.
std::optional<int> Reload(const Invocation& invocation, Serving& serving);

}  // namespace dispatcher
