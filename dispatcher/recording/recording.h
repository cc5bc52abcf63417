// A recording: everything that went into a catalog, in order and with its times, and
// what the catalog decided then. Lines of JSON:
//
//   {"recording":1,"version":"0.1.0","policy":{...}}                      first
//   {"seq":7,"generation":1,"received":1.25,"at":1.250041,"task_update":{...}}
//   {"decided":{"kind":"phase","app":"/web","task":"web.1","text":"..."}}  after its cause
//
// Times are seconds since the recording began, to the nanosecond. Fields that have
// their usual value are left out. What an app's environment holds is not recorded
// (but for SERVICE_*, which is never secret).
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/catalog/policy.h"
#include "dispatcher/model/note.h"
#include "dispatcher/model/observation.h"

namespace dispatcher {

// An envelope, when the catalog was given it, and what it decided.
struct RecordedStep {
  Envelope envelope;
  Mono at{};
  std::vector<Note> decided;
};

struct Recording {
  std::string version;  // of the dispatcher that wrote it
  CatalogPolicy policy;
  std::vector<RecordedStep> steps;
};

// The time that "0 seconds" stands for in a recording that was read.
inline constexpr Mono kRecordingBegins = Mono(std::chrono::hours(1));

// The lines, each with its newline.
std::string EncodeHeader(const Recording& recording);
std::string EncodeStep(const RecordedStep& step, Mono begins);
std::string Encode(const Recording& recording);

// InvalidArgument names the line and what is wrong in it. A last line that was cut
// off in the middle is left out: whoever wrote it may have been killed.
absl::StatusOr<Recording> DecodeRecording(std::string_view text);

}  // namespace dispatcher
