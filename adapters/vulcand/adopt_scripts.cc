#include "adapters/vulcand/adopt_scripts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "adapters/may_write.h"
#include "adapters/publish.h"
#include "adapters/vulcand/guards.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "adapters/vulcand/routes.h"
#include "adapters/vulcand/swap.h"

namespace dispatcher {
namespace {

using Outcome = Adoption::Outcome;

EntryId IdOf(std::string_view kind, std::string id) { return {"", std::string(kind), std::move(id)}; }

std::string WhatOf(const EntryId& id) { return id.kind + " " + id.id; }

// A service of ours that has something of theirs in its place.
struct Candidate {
  std::string name;
  std::shared_ptr<const Service> service;
  std::vector<Entry> structure;

  const Entry* Find(std::string_view kind) const {
    const auto found = std::find_if(structure.begin(), structure.end(),
                                    [&](const Entry& entry) { return entry.id.kind == kind; });
    return found == structure.end() ? nullptr : &*found;
  }
};

std::string ScriptsRoute(const std::string& host) { return "Host(\"" + host + "\") && PathRegexp(\"/.*\")"; }

class Adopter {
 public:
  Adopter(VulcandEngine& engine, const std::string& host, const Adapter& adapter,
          const AdoptionRequest& request, const Cancel& cancel)
      : engine_(engine),
        host_(host),
        adapter_(adapter),
        request_(request),
        cancel_(cancel),
        view_(engine.Look(cancel)) {}

  std::vector<Adoption> Run() {
    if (const absl::Status status = Read(); !status.ok()) {
      return {{Outcome::kFailed, "reading Vulcand", Text(status)}};
    }
    std::set<std::string> known;
    for (const Candidate& candidate : Candidates()) {
      known.insert(candidate.name);
      Take(candidate);
    }
    AddStrangers(known);
    return std::move(adoptions_);
  }

 private:
  absl::Status Read() {
    RETURN_IF_ERROR(engine_.Read(cancel_, [&](Entry entry) { ours_.insert(entry.id); }));
    ASSIGN_OR_RETURN(frontends_, view_->Frontends());
    ASSIGN_OR_RETURN(listeners_, view_->Listeners());
    ASSIGN_OR_RETURN(const std::vector<std::string> backends, view_->Backends());
    backends_.insert(backends.begin(), backends.end());
    return absl::OkStatus();
  }

  bool Has(std::string_view kind, const std::string& id) const {
    return kind == kFrontendKind  ? frontends_.contains(id)
           : kind == kBackendKind ? backends_.contains(id)
                                  : listeners_.contains(id);
  }

  std::vector<EntryId> TheirsOf(const std::string& name) const {
    std::vector<EntryId> ids;
    for (const std::string_view kind : {kFrontendKind, kBackendKind, kListenerKind}) {
      if (Has(kind, name)) {
        ids.push_back(IdOf(kind, name));
      }
    }
    return ids;
  }

  // Longer ids before those that they begin with: see LongerId.
  std::vector<Candidate> Candidates() const {
    std::map<std::string, Candidate, std::greater<>> candidates;
    for (const auto& service : request_.services) {
      std::vector<Entry> structure = adapter_.Render(*service).structure;
      const std::string& name = service->profile->names.front();
      if (!structure.empty() && !TheirsOf(name).empty()) {
        candidates.try_emplace(name, Candidate{name, service, std::move(structure)});
      }
    }
    std::vector<Candidate> ordered;
    for (auto& [name, candidate] : candidates) {
      ordered.push_back(std::move(candidate));
    }
    return ordered;
  }

  // An object that a delete of theirs would take along; "" if there is none.
  std::string LongerId(const std::string& name) const {
    const auto longer = [&](const auto& ids, const auto& id_of) {
      const auto next = ids.upper_bound(name);
      return next != ids.end() && id_of(*next).starts_with(name) ? id_of(*next) : std::string();
    };
    const auto key = [](const auto& pair) { return pair.first; };
    std::string found;
    if (!engine_.deletes_exactly()) {
      found = frontends_.contains(name) ? longer(frontends_, key) : "";
      found = found.empty() && backends_.contains(name) ? longer(backends_, [](const auto& id) { return id; })
                                                        : found;
      found = found.empty() && listeners_.contains(name) ? longer(listeners_, key) : found;
    }
    return found;
  }

  // Why the frontend and the backend can't be taken over; "" if they can.
  absl::StatusOr<std::string> Obstacle(const Candidate& candidate) {
    const std::string& name = candidate.name;
    if (std::string longer = LongerId(name); !longer.empty()) {
      return longer +
             " begins with its id, and a Vulcand with etcd v3 would delete that too: take it away "
             "first, or set engine: etcd";
    }
    for (const auto& [id, seen] : frontends_) {
      if (id != name && seen.backend == name) {
        return "frontend " + id + " sends requests to its backend, too";
      }
    }
    if (const auto seen = frontends_.find(name); seen != frontends_.end()) {
      ASSIGN_OR_RETURN(std::string unlike, UnlikeScripts(candidate, seen->second));
      if (!unlike.empty()) {
        return unlike;
      }
    }
    if (request_.dry_run) {
      return std::string();
    }
    if (!ours_.contains(candidate.Find(kBackendKind)->id)) {
      return std::string("ours does not stand beside it");
    }
    return MissingInstances(adapter_, *candidate.service, ours_);
  }

  absl::StatusOr<std::string> UnlikeScripts(const Candidate& candidate, const SeenFrontend& seen) {
    const std::vector<std::string>& hosts = candidate.service->profile->hosts;
    if (std::none_of(hosts.begin(), hosts.end(),
                     [&](const std::string& host) { return seen.route == ScriptsRoute(host); })) {
      return "its route " + seen.route + " is not as the scripts make it, for one of our hosts";
    }
    if (seen.backend != candidate.name) {
      return "it sends requests to backend " + seen.backend;
    }
    if (seen.tuned) {
      return std::string("its settings were changed (limits, failover or such), ours has none");
    }
    if (OursFor(candidate, seen.route).empty()) {
      return std::string("it takes all of the host, ours only some paths");
    }
    ASSIGN_OR_RETURN(const std::vector<std::string> hung, view_->Middlewares(candidate.name));
    if (!hung.empty()) {
      return "middleware " + hung.front() + " hangs on it: put it on ours, which comes once it is gone here";
    }
    return std::string();
  }

  static std::vector<const Entry*> OursFor(const Candidate& candidate, std::string_view route) {
    std::vector<const Entry*> ours;
    for (const Entry& entry : candidate.structure) {
      if (entry.id.kind == kFrontendKind && RouteMeaning(FieldOf(entry, "route")) == RouteMeaning(route)) {
        ours.push_back(&entry);
      }
    }
    return ours;
  }

  void Take(const Candidate& candidate) {
    absl::StatusOr<std::string> obstacle = Obstacle(candidate);
    for (const EntryId& id : TheirsOf(candidate.name)) {
      if (!obstacle.ok() || !obstacle->empty()) {
        adoptions_.push_back({obstacle.ok() ? Outcome::kLeft : Outcome::kFailed, WhatOf(id),
                              obstacle.ok() ? *obstacle : Text(obstacle.status())});
        continue;
      }
      absl::StatusOr<Adoption> adoption = TakeOne(candidate, id);
      if (!adoption.ok()) {
        obstacle = adoption.status();  // what comes after it would break requests
        adoption = Adoption{Outcome::kFailed, "", Text(adoption.status())};
      }
      adoption->what = WhatOf(id);
      adoptions_.push_back(*std::move(adoption));
    }
  }

  absl::StatusOr<Adoption> TakeOne(const Candidate& candidate, const EntryId& id) {
    if (id.kind == kListenerKind) {
      return TakeListener(candidate, id);
    }
    Adoption adoption = {Outcome::kWould, "", "ours stands in its place"};
    if (request_.dry_run) {
      return adoption;
    }
    RETURN_IF_ERROR(id.kind == kFrontendKind ? TakeFrontend(candidate, id) : TakeBackend(id));
    adoption.outcome = Outcome::kTaken;
    return adoption;
  }

  // Both are there for a moment; ours is tried first, "`" being more than "\"". Vulcand is
  // told of the two changes in their order, so no request finds neither.
  absl::Status TakeFrontend(const Candidate& candidate, const EntryId& id) {
    for (const Entry* entry : OursFor(candidate, frontends_.at(candidate.name).route)) {
      RETURN_IF_ERROR(MayWrite(request_.deadline, cancel_));
      RETURN_IF_ERROR(engine_.PutAnyway(*entry, cancel_));
      RETURN_IF_ERROR(engine_.Has(entry->id, cancel_));
    }
    RETURN_IF_ERROR(engine_.DeleteAnyway(id, cancel_));
    frontends_.erase(id.id);
    return absl::OkStatus();
  }

  // The servers first: 0.8.0-beta.3 goes on sending requests to those of a deleted backend.
  absl::Status TakeBackend(const EntryId& id) {
    ASSIGN_OR_RETURN(const std::vector<std::string> servers, view_->Servers(id.id));
    for (const std::string& server : servers) {
      RETURN_IF_ERROR(MayWrite(request_.deadline, cancel_));
      RETURN_IF_ERROR(engine_.DeleteAnyway(IdOf(kServerKind, id.id + "/" + server), cancel_));
    }
    RETURN_IF_ERROR(engine_.DeleteAnyway(id, cancel_));
    backends_.erase(id.id);
    return absl::OkStatus();
  }

  absl::StatusOr<Adoption> TakeListener(const Candidate& candidate, const EntryId& id) {
    const SeenListener& seen = listeners_.at(id.id);
    const Entry* const ours = candidate.Find(kListenerKind);
    Adoption adoption;
    adoption.why =
        ours == nullptr ? "ours has none: set listeners: true"
        : !SameAddress(seen.address, FieldOf(*ours, "address"))
            ? "it listens on " + seen.address + ", ours on " + std::string(FieldOf(*ours, "address"))
        : seen.protocol != FieldOf(*ours, "protocol") || !seen.scope.empty()
            ? "its protocol or scope is not as the scripts make it"
            : "";
    if (!adoption.why.empty()) {
      return adoption;
    }
    adoption = {Outcome::kWould, "", "exchanged for ours, with a moment in which nobody listens"};
    if (!request_.dry_run) {
      RETURN_IF_ERROR(MayWrite(request_.deadline, cancel_));
      ASSIGN_OR_RETURN(adoption.why, SwapListeners(engine_, id, *ours, host_, cancel_));
      adoption.outcome = Outcome::kTaken;
      listeners_.erase(id.id);
    }
    return adoption;
  }

  void AddStrangers(const std::set<std::string>& known) {
    std::set<std::string> names = backends_;
    for (const auto& [id, seen] : frontends_) {
      names.insert(id);
    }
    for (const auto& [id, seen] : listeners_) {
      names.insert(id);
    }
    for (const std::string& name : names) {
      if (known.contains(name) || name.ends_with('~')) {
        continue;  // that end is a dispatcher's
      }
      for (const EntryId& id : TheirsOf(name)) {
        adoptions_.push_back({Outcome::kLeft, WhatOf(id), "no app that is published here is called so"});
      }
    }
  }

  VulcandEngine& engine_;
  const std::string& host_;
  const Adapter& adapter_;
  const AdoptionRequest& request_;
  const Cancel& cancel_;
  const std::unique_ptr<VulcandView> view_;
  std::set<EntryId> ours_;
  SeenFrontends frontends_;
  SeenListeners listeners_;
  std::set<std::string> backends_;
  std::vector<Adoption> adoptions_;
};

}  // namespace

std::vector<Adoption> AdoptScriptsRouting(VulcandEngine& engine, const std::string& host,
                                          const Adapter& adapter, const AdoptionRequest& request,
                                          const Cancel& cancel) {
  return Adopter(engine, host, adapter, request, cancel).Run();
}

}  // namespace dispatcher
