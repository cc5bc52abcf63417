#include "adapters/succession/succession.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "adapters/may_write.h"
#include "adapters/publish.h"

namespace dispatcher {
namespace {

using Outcome = Adoption::Outcome;
using Entries = std::map<EntryId, Entry>;
using ServicePtr = std::shared_ptr<const Service>;

// An entry as they would render it, beside ours for the same thing.
struct Pair {
  Entry theirs, ours;
  bool ended = false;  // its task has ended for good
  std::vector<ServicePtr> services;
};

absl::StatusOr<Entries> ReadAll(Adapter& adapter, const Cancel& cancel) {
  ASSIGN_OR_RETURN(const std::vector<std::string> lanes, adapter.Lanes(cancel));
  Entries entries;
  for (const std::string& lane : lanes) {
    RETURN_IF_ERROR(adapter.Read(lane, cancel, [&](Entry entry) {
      const EntryId id = entry.id;
      entries.insert_or_assign(id, std::move(entry));
    }));
  }
  return entries;
}

std::string WhatOf(const EntryId& id) {
  return id.kind + " " + (id.lane.empty() ? "" : id.lane + " ") + id.id;
}

class Adopter {
 public:
  Adopter(Adapter& adapter, Succession& registry, const AdoptionRequest& request, const Cancel& cancel)
      : adapter_(adapter),
        predecessor_(*request.predecessor),
        registry_(registry),
        request_(request),
        cancel_(cancel),
        batch_(std::max<size_t>(1, predecessor_.GetTraits().batch)) {}

  std::vector<Adoption> Run() {
    absl::StatusOr<Entries> theirs = ReadAll(predecessor_, cancel_);
    absl::StatusOr<Entries> ours = ReadAll(adapter_, cancel_);
    if (!theirs.ok() || !ours.ok()) {
      return {
          {Outcome::kFailed, "reading the registry", Text(theirs.ok() ? ours.status() : theirs.status())}};
    }
    theirs_ = *std::move(theirs);
    ours_ = *std::move(ours);
    for (const auto& [id, entry] : ours_) {
      ours_ids_.insert(id);
    }
    for (const ServicePtr& service : request_.services) {
      AddPairs(service);
    }
    for (const Pair* pair : InOrder()) {
      Take(*pair);
    }
    Flush();
    AddUnpaired();
    return std::move(adoptions_);
  }

 private:
  void AddPair(const ServicePtr& service, std::vector<Entry> ours, std::vector<Entry> theirs, bool ended) {
    for (size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
      const EntryId id = theirs[i].id;
      Pair& pair =
          pairs_.try_emplace(id, Pair{std::move(theirs[i]), std::move(ours[i]), ended, {}}).first->second;
      pair.ended = pair.ended && ended;
      pair.services.push_back(service);  // several, where they share it on purpose
    }
  }

  void AddPairs(const ServicePtr& service) {
    AddPair(service, adapter_.Render(*service).structure, predecessor_.Render(*service).structure, false);
    for (const auto& instance : service->instances) {
      AddPair(service, adapter_.Render(*service, *instance), predecessor_.Render(*service, *instance),
              instance->want == Want::kNo && instance->ended);
    }
  }

  // As they are deleted: what leads to others before those.
  std::vector<const Pair*> InOrder() const {
    std::vector<const Pair*> order;
    for (const auto& [id, pair] : pairs_) {
      order.push_back(&pair);
    }
    std::stable_sort(order.begin(), order.end(), [](const Pair* a, const Pair* b) {
      return std::tie(b->theirs.rank, a->theirs.id.lane) < std::tie(a->theirs.rank, b->theirs.id.lane);
    });
    return order;
  }

  void Take(const Pair& pair) {
    EntryId found = pair.theirs.id;
    if (!theirs_.contains(found)) {
      const std::optional<EntryId> rest = registry_.RestOf(found);
      if (!rest.has_value()) {
        return;
      }
      found = *rest;
    }
    handled_.insert(found);
    if (!pending_.empty() && (pending_.size() == batch_ || Head().rank != pair.theirs.rank ||
                              Head().id.lane != pair.theirs.id.lane)) {
      Flush();  // the one before may be what holds this one back
    }
    absl::StatusOr<std::string> obstacle = ObstacleOf(pair);
    if (!obstacle.ok() || !obstacle->empty()) {
      Decide(pair, found,
             obstacle.ok() ? absl::FailedPreconditionError(ToAbsl(*obstacle)) : obstacle.status(), "");
    } else if (request_.dry_run) {
      adoptions_.push_back(
          {Outcome::kWould, WhatOf(found), Exclusive(pair) ? "exchanged for ours" : kStands});
    } else if (Exclusive(pair)) {
      const absl::Status may = MayWrite(request_.deadline, cancel_);
      const absl::StatusOr<std::string> how =
          may.ok() ? registry_.Exchange(pair.theirs.id, pair.ours) : absl::StatusOr<std::string>(may);
      Decide(pair, found, how.status(), how.ok() ? *how : "");
    } else {
      pending_.push_back(&pair);
    }
  }

  const Entry& Head() const { return pending_.front()->theirs; }
  bool Exclusive(const Pair& pair) const { return registry_.Exclusive(pair.theirs.id.kind); }

  absl::StatusOr<std::string> ObstacleOf(const Pair& pair) {
    for (const ServicePtr& service : pair.services) {
      const auto held = held_.find(service->key);
      if (held != held_.end() && held->second.first > pair.theirs.rank) {
        return "it is needed by " + held->second.second;
      }
      if (Exclusive(pair) && LeadsNowhere(*service)) {
        return std::string("where it is is not known: nobody has said who leads");
      }
      if (!request_.dry_run && Exclusive(pair)) {
        if (std::string missing = MissingBehind(*service); !missing.empty()) {
          return missing;
        }
      }
    }
    const auto there = ours_.find(pair.ours.id);
    if (!request_.dry_run && !Exclusive(pair) && !pair.ended && there == ours_.end()) {
      return std::string("ours does not stand beside it");
    }
    const auto theirs = theirs_.find(pair.theirs.id);
    return registry_.Obstacle(theirs == theirs_.end() ? pair.theirs : theirs->second, pair.ours,
                              there == ours_.end() ? nullptr : &there->second);
  }

  // Why requests would find nobody if all of them came to ours; "" if they would.
  std::string MissingBehind(const Service& service) const {
    if (request_.unready.contains(service.key)) {
      return "what it would send to is not there: see the adapters above";
    }
    for (const Entry& entry : adapter_.Render(service).structure) {
      if (!registry_.Exclusive(entry.id.kind) && !ours_.contains(entry.id)) {
        return "our " + WhatOf(entry.id) + " is not there yet";
      }
    }
    return MissingInstances(adapter_, service, ours_ids_);
  }

  void Decide(const Pair& pair, const EntryId& found, const absl::Status& status, const std::string& how) {
    if (status.ok()) {
      adoptions_.push_back({Outcome::kTaken, WhatOf(found), how});
      return;
    }
    const bool stays = status.code() == absl::StatusCode::kFailedPrecondition;
    adoptions_.push_back({stays ? Outcome::kLeft : Outcome::kFailed, WhatOf(found),
                          stays ? std::string(Message(status)) : Text(status)});
    for (const ServicePtr& service : pair.services) {
      held_.try_emplace(service->key, pair.theirs.rank, WhatOf(found) + ", which is left");
    }
  }

  // Deletes what is pending, of one lane and one rank.
  void Flush() {
    if (pending_.empty()) {
      return;
    }
    std::vector<Change> changes;
    for (const Pair* pair : pending_) {
      Change change;
      change.op = Op::kDelete;
      change.id = pair->theirs.id;
      change.entry = std::make_shared<const Entry>(theirs_.at(pair->theirs.id));
      change.why = Why::kPolicy;
      changes.push_back(std::move(change));
    }
    const std::vector<absl::Status> results =
        predecessor_.Write(Head().id.lane, changes, request_.deadline, cancel_);
    for (size_t i = 0; i < pending_.size(); ++i) {
      Decide(*pending_[i], pending_[i]->theirs.id, results[i],
             pending_[i]->ended ? "its task has ended" : kStands);
    }
    pending_.clear();
  }

  void AddUnpaired() {
    for (const auto& [id, entry] : theirs_) {
      if (!handled_.contains(id)) {
        adoptions_.push_back({Outcome::kLeft, WhatOf(id),
                              "nothing that is published here would take its place; uninstall with owner " +
                                  request_.whose + " takes it out"});
      }
    }
  }

  static constexpr const char* kStands = "ours stands in its place";

  Adapter& adapter_;
  Adapter& predecessor_;
  Succession& registry_;
  const AdoptionRequest& request_;
  const Cancel& cancel_;
  const size_t batch_;
  Entries theirs_, ours_;
  std::set<EntryId> ours_ids_, handled_;
  std::map<EntryId, Pair> pairs_;  // by their id
  std::vector<const Pair*> pending_;
  std::map<ServiceKey, std::pair<uint8_t, std::string>> held_;  // the rank and name of what stays
  std::vector<Adoption> adoptions_;
};

}  // namespace

std::vector<Adoption> AdoptOwner(Adapter& adapter, Succession& registry, const AdoptionRequest& request,
                                 const Cancel& cancel) {
  return Adopter(adapter, registry, request, cancel).Run();
}

}  // namespace dispatcher
