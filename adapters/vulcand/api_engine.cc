#include <utility>

#include "adapters/may_write.h"
#include "adapters/vulcand/api.h"
#include "adapters/vulcand/engine.h"
#include "adapters/vulcand/guards.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"

namespace dispatcher {
namespace {

class ApiView : public VulcandView {
 public:
  ApiView(VulcandApi& api, const Cancel& cancel) : api_(api), cancel_(cancel) {}

  absl::StatusOr<SeenFrontends> Frontends() override {
    SeenFrontends seen;
    RETURN_IF_ERROR(api_.List("/v2/frontends", "Frontends", cancel_, [&](JsonView frontend) {
      seen[frontend["Id"].StringOr("")] = SeeFrontend(frontend);
    }));
    return seen;
  }
  absl::StatusOr<SeenListeners> Listeners() override {
    SeenListeners seen;
    RETURN_IF_ERROR(api_.List("/v2/listeners", "Listeners", cancel_, [&](JsonView listener) {
      seen[listener["Id"].StringOr("")] = SeeListener(listener);
    }));
    return seen;
  }
  absl::StatusOr<std::vector<std::string>> Backends() override { return Ids("/v2/backends", "Backends"); }
  absl::StatusOr<std::vector<std::string>> Middlewares(std::string_view frontend) override {
    return Ids(HttpPath("/v2/frontends", {frontend}) + "/middlewares", "Middlewares");
  }
  absl::StatusOr<std::vector<std::string>> Servers(std::string_view backend) override {
    return Ids(HttpPath("/v2/backends", {backend}) + "/servers", "Servers");
  }

 private:
  absl::StatusOr<std::vector<std::string>> Ids(const std::string& path, std::string_view key) {
    std::vector<std::string> ids;
    RETURN_IF_ERROR(
        api_.List(path, key, cancel_, [&](JsonView object) { ids.push_back(object["Id"].StringOr("")); }));
    return ids;
  }

  VulcandApi& api_;
  const Cancel& cancel_;
};

class ApiEngine : public VulcandEngine {
 public:
  ApiEngine(std::string owner, HttpClientOptions http) : owner_(std::move(owner)), api_(std::move(http)) {}

  // A write costs Vulcand one to two milliseconds; four connections bring what eight do.
  size_t batch() const override { return 128; }
  int parallelism() const override { return 4; }

  absl::Status Read(const Cancel& cancel, absl::FunctionRef<void(Entry)> visit) override {
    const auto show = [&](std::optional<Entry> entry) {
      if (entry.has_value()) {
        visit(*std::move(entry));
      }
    };
    RETURN_IF_ERROR(api_.List("/v2/listeners", "Listeners", cancel, [&](JsonView listener) {
      show(ParseListener(owner_, listener["Id"].StringOr(""), listener));
    }));
    RETURN_IF_ERROR(api_.List("/v2/frontends", "Frontends", cancel, [&](JsonView frontend) {
      show(ParseFrontend(owner_, frontend["Id"].StringOr(""), frontend));
    }));
    std::vector<std::string> backends;
    RETURN_IF_ERROR(api_.List("/v2/backends", "Backends", cancel, [&](JsonView backend) {
      std::optional<Entry> entry = ParseBackend(owner_, backend["Id"].StringOr(""), backend);
      if (entry.has_value()) {
        backends.push_back(entry->id.id);
        visit(*std::move(entry));
      }
    }));
    for (const std::string& backend : backends) {
      RETURN_IF_ERROR(api_.List(
          HttpPath("/v2/backends", {backend}) + "/servers", "Servers", cancel,
          [&](JsonView server) { show(ParseServer(owner_, backend, server["Id"].StringOr(""), server)); }));
    }
    return absl::OkStatus();
  }

  std::vector<absl::Status> Write(std::span<const Change> changes, Mono deadline,
                                  const Cancel& cancel) override {
    ApiView view(api_, cancel);
    VulcandGuards guards(owner_, view);
    std::vector<absl::Status> results(changes.size());
    absl::Status silent;
    InRounds(changes, results, [&](const std::vector<size_t>& round) {
      for (const size_t i : round) {
        if (silent.ok()) {
          silent = MayWrite(deadline, cancel);
        }
        results[i] = silent.ok() ? Apply(guards, changes[i], deadline, cancel) : silent;
        if (results[i].ok()) {
          guards.Done(changes[i]);
        } else if (IsSilent(results[i])) {
          silent = results[i];
        }
      }
    });
    return results;
  }

  std::unique_ptr<VulcandView> Look(const Cancel& cancel) override {
    return std::make_unique<ApiView>(api_, cancel);
  }
  absl::Status Has(const EntryId& id, const Cancel& cancel) override {
    return api_.Has(ObjectPath(id), cancel);
  }
  absl::Status PutAnyway(const Entry& entry, const Cancel& cancel) override {
    ASSIGN_OR_RETURN(std::string object, ObjectJson(entry));
    return Post(entry.id, std::move(object), cancel);
  }
  absl::Status DeleteAnyway(const EntryId& id, const Cancel& cancel) override {
    return api_.Delete(ObjectPath(id), cancel);
  }
  bool deletes_exactly() const override { return false; }

 private:
  // The guards' looks may have taken long: the permit is asked again before each write.
  absl::Status Apply(VulcandGuards& guards, const Change& change, Mono deadline, const Cancel& cancel) {
    RETURN_IF_ERROR(CheckOwn(owner_, change.id));
    if (change.op == Op::kDelete) {
      RETURN_IF_ERROR(guards.BeforeDelete(change.id));
      RETURN_IF_ERROR(MayWrite(deadline, cancel));
      return api_.Delete(ObjectPath(change.id), cancel);
    }
    ASSIGN_OR_RETURN(const PutPlan plan, guards.BeforePut(*change.entry));
    ASSIGN_OR_RETURN(std::string object, ObjectJson(*change.entry, plan.memory));
    if (plan.anew) {
      RETURN_IF_ERROR(MayWrite(deadline, cancel));
      RETURN_IF_ERROR(api_.Delete(ObjectPath(change.id), cancel));
    }
    RETURN_IF_ERROR(MayWrite(deadline, cancel));
    return Post(change.id, std::move(object), cancel);
  }

  absl::Status Post(const EntryId& id, std::string object, const Cancel& cancel) {
    std::string body = "{\"" + std::string(Wrapper(id.kind)) + "\":" + std::move(object) + "}";
    absl::Status status = api_.Post(CollectionPath(id), std::move(body), cancel);
    // The backend is on its way, or was taken away: both are told by the next attempt.
    return absl::IsNotFound(status) ? Error(absl::StatusCode::kAborted, id.kind, " ", id.id,
                                            ": its backend is not there: ", Message(status))
                                    : status;
  }

  const std::string owner_;
  VulcandApi api_;
};

}  // namespace

std::unique_ptr<VulcandEngine> MakeApiEngine(std::string owner, HttpClientOptions http) {
  return std::make_unique<ApiEngine>(std::move(owner), std::move(http));
}

}  // namespace dispatcher
