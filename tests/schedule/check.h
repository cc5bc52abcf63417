// What is wrong with a schedule, and the smallest one that shows it.
#pragma once

#include <string>

#include "tests/schedule/schedule.h"
#include "tests/schedule/stage.h"

namespace dispatcher::schedule {

enum class Ending : uint8_t {
  kHeard,  // every event was heard or made up for by a new stream: nothing else is needed
  kRead,   // some were not: one complete read makes up for them
};

// "" if `stage` wants what a fresh catalog makes of one complete read at its moment,
// after the reads that it wants itself (kHeard), or after a whole snapshot (kRead).
// Tasks whose health Marathon does not know are left out: of those the last known stands.
std::string Converges(Stage stage, Ending ending, const Desired& truth);

// Plays it to the last moment of its tale. "" or the first rule that is broken.
std::string WrongWith(const Schedule& schedule, Ending ending);

// Acts are taken away as long as something stays wrong. Where it is only the end that
// is wrong, with kHeard never an event, since without it all would be wrong.
Schedule Shrink(Schedule schedule, Ending ending);

// For a failing test: the shrunk schedule, what is wrong with it, and where the
// recording of it was put for `dispatcher replay`.
std::string Explain(const Schedule& schedule, Ending ending);

}  // namespace dispatcher::schedule
