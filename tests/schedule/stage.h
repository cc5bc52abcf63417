// Plays acts to a catalog: events as bytes through the codec, reads answered out of
// the tale. A value: a copy goes on by itself, which is how the search branches.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "dispatcher/catalog/catalog.h"
#include "dispatcher/recording/recording.h"
#include "tests/schedule/oracle.h"
#include "tests/schedule/schedule.h"

namespace dispatcher::schedule {

// What should be published: "name address:port task condition", sorted.
using Desired = std::vector<std::string>;

class Stage {
 public:
  // A read that went out and was not answered yet.
  struct Reading {
    uint64_t number = 0;
    ReadWanted wanted;
    ReadMark mark;
    std::shared_ptr<const Answers> answers;
    size_t at = 0;  // the moment they are of
  };

  Stage(std::shared_ptr<const Tale> tale, CatalogPolicy policy);

  // An act that can't be (no read wanted, none under way) is left out.
  void Play(const Act& act);
  void Play(const std::vector<Act>& acts);

  Desired Want() const;
  // "" or the first rule that was broken, with what broke it.
  const std::string& violation() const { return violation_; }
  // The latest moment that anything heard or read was of.
  size_t moment() const { return moment_; }
  bool attached() const { return attached_; }
  size_t stream_from() const { return stream_from_; }  // the moment it was attached at
  bool read_due() const;                               // one is wanted, now
  const std::deque<ReadWanted>& wanted() const { return wanted_; }
  const std::vector<Reading>& under_way() const { return under_way_; }
  // Reads answered so far, observations out of events, streams attached.
  int reads() const { return reads_made_; }
  int events() const { return events_; }
  int streams() const { return static_cast<int>(generation_); }
  const Catalog& catalog() const { return catalog_; }
  const Tale& tale() const { return *tale_; }
  Mono now() const { return now_; }

  // Equal: whatever is played to both, the same comes of it.
  uint64_t Digest() const;

  // From now on all that goes in is kept.
  void Record() { recording_ = std::make_shared<Recording>(); }
  const Recording& recording() const { return *recording_; }

 private:
  void List(Inventory& to) const;
  void Do(const Act& act);
  void Push(Observation what);
  void Deliver(const Tale::Said& said);
  void Begin(const ReadWanted& wanted, const Act& act);
  // The answer to it; `whole`: else it breaks off.
  void Answer(const Reading& reading, bool whole);
  void AnswerApp(const Reading& reading, bool whole);
  void AnswerSnapshot(const Reading& reading, bool whole);
  void AnswerVersion(const Reading& reading);
  void AnswerAll(const Act& act);
  bool TakeDue(ReadWanted& wanted);
  void CheckDirty(const Effects& effects, const std::string& what);
  void Blame(std::string why);

  std::shared_ptr<const Tale> tale_;
  Catalog catalog_;
  Oracle oracle_;
  Mono now_ = kRecordingBegins;
  uint64_t seq_ = 0;
  uint32_t generation_ = 0;
  uint64_t read_number_ = 0;
  size_t moment_ = 0;
  bool attached_ = false;
  size_t stream_from_ = 0;
  int reads_made_ = 0;
  int events_ = 0;
  std::deque<ReadWanted> wanted_;
  std::vector<Reading> under_way_;
  std::map<ServiceKey, std::string> built_;  // as of when each was dirty the last time
  std::string violation_;
  std::shared_ptr<Recording> recording_;  // null: nothing is kept
};

// What a fresh catalog makes of one complete read at that moment.
Desired Truth(const std::shared_ptr<const Tale>& tale, size_t at, const CatalogPolicy& policy = {});

}  // namespace dispatcher::schedule
