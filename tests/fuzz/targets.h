// What is fuzzed: each function takes any bytes at all and aborts if a parser
// breaks a promise. Run by libFuzzer (fuzzer.cc) and, over the seeds and damaged
// copies of them, in every ordinary test run (seeds_test.cc).
#pragma once

#include <string_view>

namespace dispatcher {

// However the bytes are split, the same events come out.
void FuzzSse(std::string_view bytes);
// What is decoded has its ids.
void FuzzEvent(std::string_view bytes);
// However the bytes are split, the same elements come out, and they are those that
// a JSON parser finds; each is decoded, or its id salvaged.
void FuzzApps(std::string_view bytes);
void FuzzPods(std::string_view bytes);
// What reads as a recording is written the same way again; the catalog goes through
// it whatever it says, and twice to the same decisions.
void FuzzRecording(std::string_view bytes);
// Lines are an app's ports, labels and environment (labels_target.cc). Whatever they
// say, what comes of them is fit for a registry and a router, or refused with a reason.
void FuzzLabels(std::string_view bytes);
// Bytes are a schedule over a small world (schedule_target.cc). No rule of the oracle
// is broken on the way, and one complete read sets right whatever was lost.
void FuzzSchedule(std::string_view bytes);

}  // namespace dispatcher
