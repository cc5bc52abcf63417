// A catalog that listens to a story: events as bytes through the codec, reads
// answered from the world as it was.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "dispatcher/catalog/catalog.h"
#include "tests/world/world.h"

namespace dispatcher {

// What should be published: "name address:port task condition", sorted.
using Desired = std::vector<std::string>;

class Listener {
 public:
  explicit Listener(CatalogPolicy policy = {});

  // The stream is up, as of that world; a stream before it was lost.
  void Attach(const world::World& w);
  // The stream was cut; nothing is read until the next Attach.
  void Lose();
  void Pass(Duration time);
  void Deliver(const world::Event& event);
  // Answers every read that is wanted now out of `w`; a snapshot too.
  void AnswerReads(const world::World& w);
  // A complete snapshot, wanted or not.
  void Snapshot(const world::World& w);
  // Lets time pass and answers until nothing is wanted any more.
  void Finish(const world::World& w);

  Desired Want() const;
  // "" or what was published that nobody had named: an address of a task that no
  // event or read gave it, or a task after its end was told.
  const std::string& violation() const { return violation_; }
  // Reads answered so far, observations out of events, streams attached.
  int reads() const { return reads_made_; }
  int events() const { return events_; }
  int streams() const { return static_cast<int>(generation_); }
  CatalogCounts Counts() const { return catalog_.Counts(); }

 private:
  void Push(Observation what);
  void Note(const Observation& what);
  void Check();
  void CheckDirty(const Effects& effects, size_t kind);
  void CheckWake(const Effects& effects, bool tick);
  void ReadApp(const AppId& app, const world::World& w);
  void ReadVersion(const ReadWanted& read, const world::World& w);

  Catalog catalog_;
  Mono now_ = Mono(std::chrono::hours(1));
  uint64_t seq_ = 0;
  uint32_t generation_ = 0;
  uint64_t read_number_ = 0;
  int reads_made_ = 0;
  std::deque<ReadWanted> wanted_;
  std::set<ServiceKey> dirty_;
  std::map<ServiceKey, std::string> built_;  // as of when each was dirty the last time
  int events_ = 0;
  // What was said, kept apart from the catalog's own memory.
  std::map<TaskId, std::set<std::string>> named_;
  std::set<TaskId> ended_;
  std::string violation_;
};

}  // namespace dispatcher
