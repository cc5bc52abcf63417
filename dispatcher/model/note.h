// What a pure room decided, and why. The log, explain and /v1/events all read
// these; nothing is decided twice.
#pragma once

#include <string>

#include "dispatcher/model/ids.h"

namespace dispatcher {

enum class NoteKind : uint8_t {
  kPhase,    // a task changed phase
  kApp,      // an app appeared, changed or went
  kStream,   // attach, loss, gap, leader
  kRead,     // a read was believed, or not
  kRefused,  // something is not published, or was not understood
  kHeld,     // a removal is held back, or was released
  kWrite,    // a registry did not take a change, or takes them again
  kDrift,    // others had changed what we wrote, and it was put back
  kLeader,   // who may write
  // What a registry has acknowledged:
  kRegistered,  // an entry, where there was none
  kChanged,     // one that was there, otherwise
  kRemoved,
};

struct Note {
  NoteKind kind = NoteKind::kPhase;
  AppId app;
  TaskId task;
  std::string text;          // a whole sentence without a full stop, e.g. "Placed -> Running: TASK_RUNNING"
  std::string address = {};  // of one entry that was registered, changed or removed: host:port
};

}  // namespace dispatcher
