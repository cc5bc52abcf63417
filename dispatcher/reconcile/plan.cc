#include "dispatcher/reconcile/plan.h"

namespace dispatcher::reconcile {
namespace {

constexpr Decision kKeep{};

Decision Removal(const Facts& facts, Why why, Cause cause) {
  if (facts.other_framework) {
    return {Act::kHold, why, cause};
  }
  return {Explained(why) ? Act::kRemove : Act::kSuspect, why, cause};
}

// Something told of its task or service by silence alone.
Decision Absence(const Facts& facts, Why why, Cause cause) {
  if (facts.other_framework) {
    return {Act::kHold, why, cause};
  }
  return {Explained(why) ? Act::kRemoveInFullPass : Act::kSuspectInFullPass, why, cause};
}

Decision Unwanted(const Facts& facts) {
  if (facts.taken_over) {
    return {Act::kRemove, Why::kEvent, Cause::kTakenOver};
  }
  // The most direct word first: an event about this very task.
  if (facts.listed == Want::kNo && Explained(facts.listed_why)) {
    return {Act::kRemove, facts.listed_why, Cause::kListed};
  }
  if (facts.leaving) {
    return {Act::kRemove, Why::kEvent, Cause::kListed};
  }
  if (facts.unfit) {
    return {Act::kRemove, Why::kPolicy, Cause::kUnfit};
  }
  switch (facts.standing) {
    case Standing::kUnknown:
      return Absence(facts, Why::kAbsent, Cause::kUnknownApp);
    case Standing::kGone:
      return Removal(facts, facts.gone_why, Cause::kServiceGone);
    case Standing::kUnpublished:
      return Removal(facts, Why::kPolicy, Cause::kUnpublished);
    case Standing::kDoubt:
      return facts.listed == Want::kNo ? Removal(facts, Why::kAbsent, Cause::kListed) : kKeep;
    case Standing::kPublished:
      break;
  }
  if (facts.structure) {
    return facts.in_doubt ? kKeep : Removal(facts, Why::kPolicy, Cause::kSuperseded);
  }
  if (!facts.listed) {
    return facts.complete ? Absence(facts, facts.missing, Cause::kNotListed) : kKeep;
  }
  switch (*facts.listed) {
    case Want::kNo:
      return Removal(facts, Why::kAbsent, Cause::kListed);
    case Want::kIfThere:
      // It may stand under an old name whose replacement must not be created now.
      return kKeep;
    case Want::kYes:
      return {Act::kRemove, Why::kPolicy, Cause::kSuperseded};
  }
  return kKeep;
}

}  // namespace

Decision Decide(const Facts& facts) {
  if (!facts.wanted) {
    return facts.presence == Presence::kAbsent ? kKeep : Unwanted(facts);
  }
  if (facts.same) {
    return kKeep;
  }
  const bool put = facts.create || facts.presence == Presence::kPresent;
  return put ? Decision{Act::kPut, Why::kEvent, Cause::kWanted} : kKeep;
}

}  // namespace dispatcher::reconcile
