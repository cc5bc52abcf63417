#include <algorithm>
#include <optional>
#include <utility>

#include "adapters/may_write.h"
#include "adapters/vulcand/api.h"
#include "adapters/vulcand/engine.h"
#include "adapters/vulcand/etcd.h"
#include "adapters/vulcand/guards.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

using Keys = std::map<std::string, std::string>;

std::string BackendKey(const std::string& root, std::string_view id) {
  return root + "backends/" + std::string(id) + "/backend";
}

std::string KeyOf(const std::string& root, const EntryId& id) {
  if (id.kind == kBackendKind) {
    return BackendKey(root, id.id);
  }
  if (id.kind == kServerKind) {
    const auto [backend, server] = SplitServerId(id.id);
    return root + "backends/" + std::string(backend) + "/servers/" + std::string(server);
  }
  return id.kind == kFrontendKind ? root + "frontends/" + id.id + "/frontend" : root + "listeners/" + id.id;
}

// A key as Vulcand reads it; only the members that its form has are set.
struct Place {
  std::string_view kind, id, child;
};

std::optional<Place> PlaceOf(const std::string& root, std::string_view key) {
  const std::vector<std::string_view> parts = Split(key.substr(root.size()), '/');
  const auto is = [&](size_t size, std::string_view collection) {
    return parts.size() == size && parts[0] == collection;
  };
  if (is(2, "listeners")) {
    return Place{kListenerKind, parts[1], {}};
  }
  if (is(3, "backends") && parts[2] == "backend") {
    return Place{kBackendKind, parts[1], {}};
  }
  if (is(3, "frontends") && parts[2] == "frontend") {
    return Place{kFrontendKind, parts[1], {}};
  }
  if (is(4, "backends") && parts[2] == "servers") {
    return Place{kServerKind, parts[1], parts[3]};
  }
  if (is(4, "frontends") && parts[2] == "middlewares") {
    return Place{"middleware", parts[1], parts[3]};
  }
  return std::nullopt;
}

// Everything, read once when the first question comes.
class EtcdView : public VulcandView {
 public:
  EtcdView(EtcdGateway& etcd, const std::string& root, const Cancel& cancel)
      : etcd_(etcd), root_(root), cancel_(cancel) {}

  absl::StatusOr<SeenFrontends> Frontends() override {
    SeenFrontends seen;
    RETURN_IF_ERROR(ForEach(kFrontendKind, "", [&](const Place& place, JsonView object) {
      seen[std::string(place.id)] = SeeFrontend(object);
    }));
    return seen;
  }
  absl::StatusOr<SeenListeners> Listeners() override {
    SeenListeners seen;
    RETURN_IF_ERROR(ForEach(kListenerKind, "", [&](const Place& place, JsonView object) {
      seen[std::string(place.id)] = SeeListener(object);
    }));
    return seen;
  }
  absl::StatusOr<std::vector<std::string>> Backends() override {
    std::vector<std::string> ids;
    RETURN_IF_ERROR(
        ForEach(kBackendKind, "", [&](const Place& place, JsonView) { ids.emplace_back(place.id); }));
    return ids;
  }
  absl::StatusOr<std::vector<std::string>> Middlewares(std::string_view frontend) override {
    return Children("middleware", frontend);
  }
  absl::StatusOr<std::vector<std::string>> Servers(std::string_view backend) override {
    return Children(kServerKind, backend);
  }

  void Forget(const std::string& key) {
    if (keys_.has_value()) {
      keys_->erase(key);
    }
  }

 private:
  absl::StatusOr<std::vector<std::string>> Children(std::string_view kind, std::string_view parent) {
    std::vector<std::string> ids;
    RETURN_IF_ERROR(
        ForEach(kind, parent, [&](const Place& place, JsonView) { ids.emplace_back(place.child); }));
    return ids;
  }

  absl::Status ForEach(std::string_view kind, std::string_view id,
                       absl::FunctionRef<void(const Place&, JsonView)> visit) {
    if (!keys_.has_value()) {
      ASSIGN_OR_RETURN(keys_, etcd_.Range(root_, cancel_));
    }
    for (const auto& [key, value] : *keys_) {
      const std::optional<Place> place = PlaceOf(root_, key);
      if (place.has_value() && place->kind == kind && (id.empty() || place->id == id)) {
        const absl::StatusOr<JsonDocument> object = JsonDocument::Parse(value);
        visit(*place, object.ok() ? object->root() : JsonView());
      }
    }
    return absl::OkStatus();
  }

  EtcdGateway& etcd_;
  const std::string& root_;
  const Cancel& cancel_;
  std::optional<Keys> keys_;
};

// One call of Write.
class EtcdWrite {
 public:
  EtcdWrite(std::string_view owner, const std::string& root, EtcdGateway& etcd,
            std::span<const Change> changes, Mono deadline, const Cancel& cancel)
      : owner_(owner),
        root_(root),
        etcd_(etcd),
        changes_(changes),
        deadline_(deadline),
        cancel_(cancel),
        results_(changes.size()) {
    LookAgain();
  }

  std::vector<absl::Status> Run() {
    InRounds(changes_, results_, [&](const std::vector<size_t>& round) {
      std::string_view kind;
      for (const size_t i : round) {
        // A kind is written whole before the next, which needs it or needs it gone.
        if (changes_[i].id.kind != kind || pending_.size() == kEtcdTxnOperations) {
          Flush();
        }
        kind = changes_[i].id.kind;
        if (silent_.ok()) {
          silent_ = MayWrite(deadline_, cancel_);
        }
        results_[i] = silent_.ok() ? Add(i) : silent_;
        if (IsSilent(results_[i])) {
          silent_ = results_[i];
        }
      }
      Flush();
    });
    return std::move(results_);
  }

 private:
  // Of what was added and did not go through, the guards believe that it is there.
  void LookAgain() { guards_.emplace(owner_, view_.emplace(etcd_, root_, cancel_)); }

  absl::Status Add(size_t i) {
    const Change& change = changes_[i];
    RETURN_IF_ERROR(CheckOwn(owner_, change.id));
    EtcdOperation operation;
    operation.put = change.op == Op::kPut;
    operation.key = KeyOf(root_, change.id);
    if (!operation.put) {
      RETURN_IF_ERROR(guards_->BeforeDelete(change.id));
    } else {
      ASSIGN_OR_RETURN(const PutPlan plan, guards_->BeforePut(*change.entry));
      ASSIGN_OR_RETURN(operation.value, ObjectJson(*change.entry, plan.memory));
      if (change.id.kind == kServerKind) {
        operation.needs = BackendKey(root_, SplitServerId(change.id.id).first);
      } else if (change.id.kind == kFrontendKind) {
        // Vulcand drops a frontend that it sees before its backend.
        operation.needs = BackendKey(root_, FieldOf(*change.entry, "backend"));
      }
      if (plan.anew) {
        RETURN_IF_ERROR(MayWrite(deadline_, cancel_));
        RETURN_IF_ERROR(etcd_.Txn({{false, operation.key, "", ""}}, cancel_).status());
      }
    }
    const auto same = std::find_if(pending_.begin(), pending_.end(),
                                   [&](const auto& pending) { return pending.second.key == operation.key; });
    if (same != pending_.end()) {
      Flush();  // etcd takes a key only once
    }
    guards_->Done(change);
    if (!operation.put) {
      view_->Forget(operation.key);
    }
    pending_.emplace_back(i, std::move(operation));
    return absl::OkStatus();
  }

  // Writes what is pending. Where a backend is missing, the rest goes without it.
  void Flush() {
    for (int attempt = 0; attempt < 2 && !pending_.empty(); ++attempt) {
      std::vector<EtcdOperation> operations;
      for (const auto& [i, operation] : pending_) {
        operations.push_back(operation);
      }
      // What was added last may have taken a long look.
      const absl::Status may = MayWrite(deadline_, cancel_);
      const auto missing = may.ok() ? etcd_.Txn(operations, cancel_) : may;
      if (!missing.ok()) {
        LookAgain();
        silent_ = IsSilent(missing.status()) ? missing.status() : silent_;
        return Settle(missing.status());
      }
      if (missing->empty()) {
        return Settle(absl::OkStatus());
      }
      std::erase_if(pending_, [&](const auto& pending) {
        const std::string& needs = pending.second.needs;
        const bool held = std::find(missing->begin(), missing->end(), needs) != missing->end();
        if (held) {
          results_[pending.first] = absl::AbortedError("its backend is not there: " + needs);
        }
        return held;
      });
      LookAgain();
    }
    Settle(absl::AbortedError("a backend went while its servers were written"));
  }

  void Settle(const absl::Status& status) {
    for (const auto& [i, operation] : pending_) {
      results_[i] = status;
    }
    pending_.clear();
  }

  const std::string_view owner_;
  const std::string& root_;
  EtcdGateway& etcd_;
  const std::span<const Change> changes_;
  const Mono deadline_;
  const Cancel& cancel_;
  std::optional<EtcdView> view_;
  std::optional<VulcandGuards> guards_;
  std::vector<absl::Status> results_;
  std::vector<std::pair<size_t, EtcdOperation>> pending_;
  absl::Status silent_;
};

class EtcdEngine : public VulcandEngine {
 public:
  EtcdEngine(std::string owner, std::string root, HttpClientOptions etcd, HttpClientOptions api)
      : owner_(std::move(owner)), root_(std::move(root)), etcd_(std::move(etcd)), api_(std::move(api)) {}

  size_t batch() const override { return 4 * kEtcdTxnOperations; }
  int parallelism() const override { return 2; }

  absl::Status Read(const Cancel& cancel, absl::FunctionRef<void(Entry)> visit) override {
    ASSIGN_OR_RETURN(const Keys keys, etcd_.Range(root_, cancel));
    std::string a_backend;
    for (const auto& [key, value] : keys) {
      const std::optional<Place> place = PlaceOf(root_, key);
      if (!place.has_value()) {
        continue;
      }
      // What can't be read is shown without content, so that it is written anew.
      const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(value);
      const JsonView object = document.ok() ? document->root() : JsonView();
      std::optional<Entry> entry = place->kind == kBackendKind ? ParseBackend(owner_, place->id, object)
                                   : place->kind == kServerKind
                                       ? ParseServer(owner_, place->id, place->child, object)
                                   : place->kind == kFrontendKind ? ParseFrontend(owner_, place->id, object)
                                   : place->kind == kListenerKind ? ParseListener(owner_, place->id, object)
                                                                  : std::nullopt;
      if (entry.has_value()) {
        a_backend = place->kind == kBackendKind ? entry->id.id : a_backend;
        visit(*std::move(entry));
      }
    }
    return a_backend.empty() ? absl::OkStatus() : ProveSeen(a_backend, cancel);
  }

  std::vector<absl::Status> Write(std::span<const Change> changes, Mono deadline,
                                  const Cancel& cancel) override {
    return EtcdWrite(owner_, root_, etcd_, changes, deadline, cancel).Run();
  }

  std::unique_ptr<VulcandView> Look(const Cancel& cancel) override {
    return std::make_unique<EtcdView>(etcd_, root_, cancel);
  }
  absl::Status Has(const EntryId& id, const Cancel& cancel) override {
    return api_.Has(ObjectPath(id), cancel);
  }
  absl::Status PutAnyway(const Entry& entry, const Cancel& cancel) override {
    ASSIGN_OR_RETURN(std::string object, ObjectJson(entry));
    return etcd_.Txn({{true, KeyOf(root_, entry.id), std::move(object), ""}}, cancel).status();
  }
  absl::Status DeleteAnyway(const EntryId& id, const Cancel& cancel) override {
    return etcd_.Txn({{false, KeyOf(root_, id), "", ""}}, cancel).status();
  }
  absl::Status Replace(const EntryId& theirs, const Entry& ours, const Cancel& cancel) override {
    ASSIGN_OR_RETURN(std::string object, ObjectJson(ours));
    return etcd_
        .Txn({{false, KeyOf(root_, theirs), "", ""}, {true, KeyOf(root_, ours.id), std::move(object), ""}},
             cancel)
        .status();
  }
  bool deletes_exactly() const override { return true; }

 private:
  // A key that is not Vulcand's, or an etcd that it knows by v2 alone, takes every write
  // and serves nothing.
  absl::Status ProveSeen(std::string_view backend, const Cancel& cancel) {
    if (!absl::IsNotFound(api_.Has(HttpPath("/v2/backends", {backend}), cancel))) {
      return absl::OkStatus();
    }
    return Error(absl::StatusCode::kFailedPrecondition, "Vulcand does not see ", root_, "backends/", backend,
                 ", which is in etcd: etcd_key has to be what its -etcdKey says, and it has to run with "
                 "-etcdApiVer=3 on that etcd");
  }

  const std::string owner_, root_;
  EtcdGateway etcd_;
  VulcandApi api_;
};

}  // namespace

std::unique_ptr<VulcandEngine> MakeEtcdEngine(std::string owner, std::string root, HttpClientOptions etcd,
                                              HttpClientOptions api) {
  return std::make_unique<EtcdEngine>(std::move(owner), std::move(root), std::move(etcd), std::move(api));
}

}  // namespace dispatcher
