// What is to be done about one entry. A pure function over a few facts; README.md
// has the whole table.
#pragma once

#include <cstdint>
#include <optional>

#include "dispatcher/model/service.h"
#include "dispatcher/reconcile/table.h"

namespace dispatcher::reconcile {

// How a service stands in this adapter.
enum class Standing : uint8_t {
  kUnknown,      // the catalog does not know it
  kDoubt,        // known, but not what it looks like, or its claims can't be judged yet: keep what is there
  kUnpublished,  // decided: refused by the adapter or by a claim, or not meant for here
  kGone,         // Service::want is kNo
  kPublished,
};

struct Facts {
  // What is wanted under this id, by whichever service.
  bool wanted = false;  // by an instance or structure that is kYes or kIfThere
  bool create = false;  // ... kYes
  // What is there.
  Presence presence = Presence::kAbsent;
  bool same = false;  // what is there is what is wanted, for certain
  bool structure = false;
  // What its service says about it. Read only if it is there and not wanted.
  Standing standing = Standing::kUnknown;
  Why gone_why = Why::kAbsent;  // kGone: Service::why
  bool in_doubt = false;        // kPublished: Service::want is kIfThere
  std::optional<Want> listed;   // its instance's want; none: its task is not listed
  Why listed_why = Why::kAbsent;
  bool leaving = false;          // listed and being killed: no traffic any more
  bool unfit = false;            // kPublished: listed, and its health takes it out of rotation
  bool complete = false;         // Service::complete
  Why missing = Why::kAbsent;    // Service::missing
  bool taken_over = false;       // a running task of another id claims its address
  bool other_framework = false;  // it was written under another framework than Marathon's
};

enum class Act : uint8_t {
  kNothing,
  kPut,
  kRemove,             // explained, in any pass
  kRemoveInFullPass,   // explained by a complete read
  kSuspect,            // unexplained: the brake decides
  kSuspectInFullPass,  // unexplained, and only a full pass is evidence
  kHold,               // another framework's: only an operator lets it go
};

enum class Cause : uint8_t {
  kWanted,
  kListed,  // its instance is listed as kNo
  kServiceGone,
  kUnfit,  // listed, in bad health: goes as long as enough others are there
  kUnpublished,
  kSuperseded,  // its task or service is wanted, but looks different now: after what replaces it
  kNotListed,
  kUnknownApp,
  kTakenOver,
};

struct Decision {
  Act act = Act::kNothing;
  Why why = Why::kEvent;
  Cause cause = Cause::kWanted;
  bool operator==(const Decision&) const = default;
};

Decision Decide(const Facts& facts);

}  // namespace dispatcher::reconcile
