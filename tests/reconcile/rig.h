// A small registry with switches for what can go wrong, and a rig that drives a
// reconciler against it the way the engine does, one call at a time.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "dispatcher/reconcile/reconciler.h"

namespace dispatcher {

using std::chrono::milliseconds;
using std::chrono::seconds;

// One structure entry a service (kind "backend", rank 0) and one a instance (kind
// "server", rank 1), both under the service's name.
class TestAdapter : public Adapter {
 public:
  Traits traits{"test", Tier::kDiscovery, 8, 2, false, false, false, 0};
  std::map<EntryId, Entry> held;
  std::string framework;
  bool with_structure = true;
  std::string unasked;       // published nothing of what has no name, for this reason
  mutable int rendered = 0;  // instances

  Traits GetTraits() const override { return traits; }
  Rendered Render(const Service& service) const override {
    Rendered r;
    if (service.profile == nullptr) {
      r.published = false;
      return r;
    }
    r.refusal = service.profile->refusal;
    if (service.profile->names.empty() && !unasked.empty()) {
      r.published = false;
      r.unasked = unasked;
    }
    for (const std::string& name : service.profile->names) {
      r.claims.push_back({"name " + name, service.profile->shared});
      if (with_structure) {
        Entry e = Base(service, "backend", name);
        e.fields["tags"] = std::to_string(service.profile->tags.size());
        r.structure.push_back(std::move(e));
      }
    }
    return r;
  }
  std::vector<Entry> Render(const Service& service, const Instance& instance) const override {
    ++rendered;
    if (instance.condition == Condition::kDraining) {
      return {};
    }
    Entry e = Base(service, "server", Name(service) + "/" + instance.task);
    e.id.lane = traits.lanes ? instance.host : "";
    e.rank = 1;
    e.task = instance.task;
    e.address = instance.address + ":" + std::to_string(instance.port);
    e.fields["url"] = e.address;
    e.fields["condition"] = std::to_string(static_cast<int>(instance.condition));
    return {e};
  }
  absl::StatusOr<std::vector<std::string>> Lanes(const Cancel&) override {
    return std::vector<std::string>{""};
  }
  absl::Status Read(std::string_view, const Cancel&, absl::FunctionRef<void(Entry)>) override {
    return absl::OkStatus();
  }
  std::vector<absl::Status> Write(std::string_view, std::span<const Change>, Mono, const Cancel&) override {
    return {};
  }
  void SetFramework(std::string_view f) override { framework = f; }

 private:
  static std::string Name(const Service& service) {
    return service.profile != nullptr && !service.profile->names.empty() ? service.profile->names[0] : "?";
  }
  Entry Base(const Service& service, const char* kind, const std::string& id) const {
    Entry e;
    e.id = {"", kind, id};
    e.service = service.key;
    e.framework = framework;
    return e;
  }
};

// ---- services in few words
inline std::shared_ptr<const Profile> Named(const std::string& name, bool shared = false) {
  Profile p;
  p.names = {name};
  p.shared = shared;
  return std::make_shared<const Profile>(p);
}
inline std::shared_ptr<Instance> Task(const std::string& task, int port, Want want = Want::kYes,
                                      Why why = Why::kEvent, Mono since = {}) {
  auto i = std::make_shared<Instance>();
  i->task = task;
  i->address = "10.0.0.1";
  i->host = "h1";
  i->port = static_cast<uint16_t>(port);
  i->want = want;
  i->why = why;
  i->condition = Condition::kPassing;
  i->since = since;
  i->reason = task + " said so";
  return i;
}
inline std::shared_ptr<Service> App(const std::string& app, const std::string& name,
                                    std::vector<std::shared_ptr<const Instance>> instances) {
  auto s = std::make_shared<Service>();
  s->key = {app, 0};
  s->profile = Named(name);
  s->instances = std::move(instances);
  s->complete = true;
  return s;
}

class Rig {
 public:
  TestAdapter adapter;
  ReconcilePolicy policy;
  Mono now{seconds(1000)};
  std::unique_ptr<Reconciler> reconciler;
  std::vector<std::string> writes;           // "put server web/a", in the order they were carried out
  std::map<std::string, absl::Status> fail;  // "put server web/a" -> what Write says, until taken out
  std::set<std::string> applied_though;      // ... but the registry did it

  Rig() { policy.adapter = "test"; }
  Reconciler& r() {
    if (reconciler == nullptr) {
      reconciler = std::make_unique<Reconciler>(adapter, policy);
    }
    return *reconciler;
  }
  void Restart() {
    reconciler.reset();
    writes.clear();
  }
  void Offer(std::shared_ptr<const Service> s) { r().Offer(s->key, s, now); }

  static std::string Word(const Change& c) {
    return (c.op == Op::kPut ? "put " : "delete ") + c.id.kind + " " + c.id.id;
  }
  absl::Status WriteOne(const Change& c) {
    const std::string word = Word(c);
    const auto f = fail.find(word);
    writes.push_back(word);
    if (f == fail.end() || applied_though.contains(word)) {
      if (c.op == Op::kPut) {
        adapter.held[c.id] = *c.entry;
      } else {
        adapter.held.erase(c.id);
      }
    }
    return f == fail.end() ? absl::OkStatus() : f->second;
  }
  std::vector<Written> Finish(const Batch& batch) {
    std::vector<absl::Status> results;
    for (const Change& c : batch.changes) {
      results.push_back(WriteOne(c));
    }
    return r().Finished(batch, results, now);
  }
  // Everything that may be written now.
  std::vector<Change> Write() {
    std::vector<Change> all;
    while (auto batch = r().NextBatch(now)) {
      for (const Change& c : batch->changes) {
        all.push_back(c);
      }
      Finish(*batch);
    }
    return all;
  }
  std::optional<Mono> NextDeadline() {
    const auto read = r().NextReadDeadline(), write = r().NextWriteDeadline();
    return read && write ? std::min(*read, *write) : read ? read : write;
  }
  std::vector<std::string> Lanes() const {
    std::set<std::string> lanes{""};
    for (const auto& [id, entry] : adapter.held) {
      lanes.insert(id.lane);
    }
    return {lanes.begin(), lanes.end()};
  }
  void Visit(const std::string& lane) {
    for (const auto& [id, entry] : adapter.held) {
      if (id.lane == lane) {
        r().Observed(lane, entry);
      }
    }
  }
  void Read() {
    if (r().LanesWanted(now)) {
      r().LanesKnown(Lanes(), now);
    }
    while (auto lane = r().NextRead(now)) {
      Visit(*lane);
      r().ReadEnded(*lane, absl::OkStatus(), now);
    }
  }
  void Pass(bool empty = false, const std::string& framework = "f1") {
    adapter.SetFramework(framework);
    r().BeginFullPass(empty, framework, now);
    Read();
  }
  // A full pass and all that follows.
  std::vector<Change> Sync(bool empty = false, const std::string& framework = "f1") {
    Pass(empty, framework);
    return Write();
  }
  std::set<std::string> There() const {
    std::set<std::string> there;
    for (const auto& [id, entry] : adapter.held) {
      there.insert(id.kind + " " + id.id);
    }
    return there;
  }
  // What was said of that kind since the last call of this.
  std::vector<std::string> Said(NoteKind kind) {
    std::vector<std::string> said;
    for (const Note& note : r().TakeNotes()) {
      if (note.kind == kind) {
        said.push_back((note.app.empty() ? "" : note.app + ": ") + note.text);
      }
    }
    return said;
  }
  bool Has(const std::string& what) const { return There().contains(what); }
};

using Words = std::vector<std::string>;
using WordSet = std::set<std::string>;

}  // namespace dispatcher
