// Bytes to a schedule that Marathon and the network could bring about. The first says
// which small world, the second how the operator has set what is routed; then each two
// are an act and its argument. Seeds are readable: 'a' is the first act, '0' the first
// argument.
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/fuzz/promise.h"
#include "tests/fuzz/targets.h"
#include "tests/schedule/check.h"
#include "tests/schedule/worlds.h"

namespace dispatcher {
namespace {

using schedule::Act;
using schedule::Ending;
using schedule::Schedule;
using schedule::Tale;

// All acts that wait come to less than a tombstone lasts: that an event is told again
// when its task is forgotten is not among what may happen.
constexpr size_t kMostActs = 48;
constexpr int kMostSeconds = 12;

size_t From(char first, char byte) {
  return static_cast<unsigned char>(static_cast<unsigned char>(byte) - static_cast<unsigned char>(first));
}

class Writer {
 public:
  explicit Writer(const Tale& tale) : tale_(tale) { Attach(0); }

  void Write(size_t act, size_t argument) {
    constexpr size_t kActs = 12;
    switch (act % kActs) {
      default:  // a to d: most of what happens is an event
        Event(argument);
        break;
      case 4:
        Read(Act::Kind::kBegin, argument);
        break;
      case 5:
        acts_.push_back({.kind = Act::Kind::kEnd, .index = argument % 3});
        break;
      case 6:
        acts_.push_back({.kind = Act::Kind::kFail, .index = argument % 3});
        break;
      case 7:
        Read(Act::Kind::kAnswer, argument);
        break;
      case 8:
        Read(Act::Kind::kSnapshot, argument);
        break;
      case 9:
        acts_.push_back({.kind = Act::Kind::kSnapshot, .at = argument % (moment_ + 1), .foreign = true});
        break;
      case 10:
        acts_.push_back({.kind = Act::Kind::kPass,
                         .time = std::chrono::seconds(1 + static_cast<int>(argument) % kMostSeconds)});
        break;
      case 11:
        attached_ ? Lose() : Attach(Later(argument));
        break;
    }
  }

  // Who listens at the end listens to whoever leads then.
  std::vector<Act> Finish() {
    if (attached_ && EndOfStream() < tale_.moments.size() && moment_ >= EndOfStream()) {
      Lose();
    }
    if (!attached_) {
      Attach(moment_);
    }
    return std::move(acts_);
  }

 private:
  // Its number of events is not less than what is known already.
  size_t Later(size_t argument) const { return moment_ + argument % (tale_.moments.size() - moment_); }

  // The first event that the stream that is attached does not bring.
  size_t EndOfStream() const {
    const auto end = std::upper_bound(tale_.breaks.begin(), tale_.breaks.end(), from_);
    return end == tale_.breaks.end() ? tale_.moments.size() : *end;
  }

  // Any that this stream could bring, in any order, once, twice or never.
  void Event(size_t argument) {
    const size_t end = std::min(EndOfStream(), tale_.events.size());
    if (attached_ && from_ < end) {
      const size_t index = from_ + argument % (end - from_);
      acts_.push_back({.kind = Act::Kind::kEvent, .index = index});
      moment_ = std::max(moment_, index + 1);
    }
  }
  void Read(Act::Kind kind, size_t argument) {
    moment_ = Later(argument);
    acts_.push_back({.kind = kind, .at = moment_});
  }
  void Lose() {
    attached_ = false;
    acts_.push_back({.kind = Act::Kind::kLose});
  }
  void Attach(size_t at) {
    attached_ = true;
    from_ = moment_ = at;
    acts_.push_back({.kind = Act::Kind::kAttach, .at = at});
  }

  const Tale& tale_;
  std::vector<Act> acts_;
  bool attached_ = false;
  size_t from_ = 0;    // the moment that the stream was attached at
  size_t moment_ = 0;  // the latest that anything was of
};

Schedule ScheduleOf(std::string_view bytes) {
  static const std::vector<schedule::SmallWorld> worlds = schedule::SmallWorlds();
  Schedule schedule;
  schedule.tale = worlds[From('0', bytes[0]) % worlds.size()].tale;
  schedule.policy.route_when = static_cast<RouteWhen>(From('0', bytes[1]) % 4);
  Writer writer(*schedule.tale);
  for (size_t i = 2; i + 1 < bytes.size() && i < 2 + 2 * kMostActs; i += 2) {
    writer.Write(From('a', bytes[i]), From('0', bytes[i + 1]));
  }
  schedule.acts = writer.Finish();
  return schedule;
}

}  // namespace

void FuzzSchedule(std::string_view bytes) {
  if (bytes.size() < 2) {
    return;
  }
  const Schedule schedule = ScheduleOf(bytes);
  if (!schedule::WrongWith(schedule, Ending::kRead).empty()) {
    Require(false, schedule::Explain(schedule, Ending::kRead));
  }
}

}  // namespace dispatcher
