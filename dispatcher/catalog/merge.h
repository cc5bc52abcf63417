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

// Marathon up to 1.4 starts a resident task again under the id that it had (Marathon #4819; later
// versions count the runs in the id). A run is known by when it was staged, which reads alone tell.
//
// An end, as Marathon stamped it, or, of a read, which tells none, when that run was staged; 0: not
// told, and then no later run is told from it. True if it may be the end of an earlier run.
bool MergeEnd(TaskFacts& facts, WallMs at);
// A word stamped so, about one that has ended, is of a later run: a read would show that.
bool OfLaterRun(const TaskFacts& facts, WallMs at);
// A word stamped so is of an earlier run, or by a clock that is behind: a read would tell.
bool OfEarlierRun(const TaskFacts& facts, WallMs at);
// ... and it changes nothing until then.
bool VoidIfEarlier(const TaskFacts& facts, Life life);

// Which run a read shows, of the one that is known.
enum class WhichRun : uint8_t { kSame, kEarlier, kLater };
WhichRun RunOf(const TaskFacts& facts, const TaskSeen& seen);
// The later one is a new task.
void BeginAnew(TaskFacts& facts, WallMs staged_at);

bool MergePlace(TaskFacts& facts, SharedString host, const std::vector<int>& ports, Place::Ips ips);
bool MergeVersion(TaskFacts& facts, SharedString version, WallMs at);
// The earliest RUNNING counts: Marathon 1.3+ sends it again at each change of health.
bool MergeRunningAt(TaskFacts& facts, WallMs at);

bool MergeHealthEvent(HealthFacts& health, const HealthUpdate& update, uint32_t generation, uint64_t seq);
// `checks` is how many the definition has, nullopt while that is not known. Results
// that are too few, or of ignored failures only, say nothing and change nothing.
bool MergeHealthRead(HealthFacts& health, const std::vector<CheckResult>& results,
                     std::optional<size_t> checks, uint32_t generation, uint64_t begun_after);

// What was stamped until then was of the run before.
void ForgetHealth(HealthFacts& health, WallMs until);

// Health of an instance whose definition has `checks` checks, from what is stamped
// `not_before` or later: what an earlier incarnation of the instance left is not
// this one's.
enum class Health : uint8_t { kPassing, kFailing, kUnknown, kOpen };  // kOpen: unknown, and a read would tell
Health HealthOf(const HealthFacts& health, size_t checks, WallMs not_before = 0);

// The incarnation number of ids that carry one ("..._app.3" -> 3), else 0.
int Incarnation(std::string_view task);

}  // namespace dispatcher
