// How facts are put together, whatever order they come in.
//
// Life is a rank, merged by maximum: a late RUNNING never undoes a KILLED. Place
// and version are set by whoever knows them; "not told" overwrites nothing.
// Health is last-writer-wins by Marathon's own stamps.
#pragma once

#include "dispatcher/catalog/facts.h"

namespace dispatcher {

// Unknown < Scheduled < Staging < Starting < Running < Unreachable < Killing <
// Lost < Terminal.
int LifeRank(Life life);
bool IsAlive(Life life);  // known to exist and not ended, lost or unknown

// True if `facts` changed in what judge.h reads.
bool MergeLife(TaskFacts& facts, Life life, SharedString word, Source source, uint64_t seq);

// A read that may take back what an event said: begun after that event, on the
// stream that is open now, answered by that stream's leader. It alone brings an
// unreachable or lost task back, and one that another task's address had displaced.
bool ReturnFromRead(TaskFacts& facts, Life seen, uint64_t begun_after);

bool MergePlace(TaskFacts& facts, SharedString host, const std::vector<int>& ports, Place::Ips ips);
bool MergeVersion(TaskFacts& facts, SharedString version, WallMs at);
// The earliest RUNNING counts: Marathon 1.3+ sends it again at each change of health.
bool MergeRunningAt(TaskFacts& facts, WallMs at);

bool MergeHealthEvent(HealthFacts& health, const HealthUpdate& update, uint32_t generation, uint64_t seq);
// `checks` is how many the definition has, nullopt while that is not known. Results
// that are too few, or of ignored failures only, say nothing and change nothing.
bool MergeHealthRead(HealthFacts& health, const std::vector<CheckResult>& results,
                     std::optional<size_t> checks, uint32_t generation, uint64_t begun_after);

// Health of an instance whose definition has `checks` checks, from what is stamped
// `not_before` or later: what an earlier incarnation of the instance left is not
// this one's.
enum class Health : uint8_t { kPassing, kFailing, kUnknown, kOpen };  // kOpen: unknown, and a read would tell
Health HealthOf(const HealthFacts& health, size_t checks, WallMs not_before = 0);

// The incarnation number of ids that carry one ("..._app.3" -> 3), else 0.
int Incarnation(std::string_view task);

}  // namespace dispatcher
