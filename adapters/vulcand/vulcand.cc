#include "adapters/vulcand/vulcand.h"

#include <utility>

#include "adapters/vulcand/adopt_owner.h"
#include "adapters/vulcand/adopt_scripts.h"
#include "adapters/vulcand/engine.h"
#include "adapters/vulcand/render.h"

namespace dispatcher {
namespace {

class VulcandAdapter : public Adapter {
 public:
  // `host`: where Vulcand is.
  VulcandAdapter(VulcandRules rules, std::unique_ptr<VulcandEngine> engine, std::string host)
      : rules_(std::move(rules)), engine_(std::move(engine)), host_(std::move(host)) {}

  Traits GetTraits() const override {
    return {.type = "vulcand",
            .tier = Tier::kRouter,
            .batch = engine_->batch(),
            .parallelism = engine_->parallelism(),
            .atomic = false,
            .lanes = false,
            .own_entries = true};
  }
  Rendered Render(const Service& service) const override { return RenderService(rules_, service); }
  std::vector<Entry> Render(const Service& service, const Instance& instance) const override {
    return RenderInstance(rules_, service, instance);
  }
  absl::StatusOr<std::vector<std::string>> Lanes(const Cancel& /*cancel*/) override {
    return std::vector<std::string>{""};
  }
  absl::Status Read(std::string_view /*lane*/, const Cancel& cancel,
                    absl::FunctionRef<void(Entry)> visit) override {
    return engine_->Read(cancel, visit);
  }
  std::vector<absl::Status> Write(std::string_view /*lane*/, std::span<const Change> changes, Mono deadline,
                                  const Cancel& cancel) override {
    return engine_->Write(changes, deadline, cancel);
  }
  // Vulcand has no place to keep it.
  void SetFramework(std::string_view /*framework*/) override {}
  std::vector<Adoption> Adopt(const AdoptionRequest& request, const Cancel& cancel) override {
    switch (request.from) {
      case Maker::kScripts:
        return AdoptScriptsRouting(*engine_, host_, *this, request, cancel);
      case Maker::kOwner:
        return AdoptOwnersRouting(*engine_, host_, *this, request, cancel);
      case Maker::kAllegro:
        break;
    }
    return {};  // it knew Consul alone
  }

 private:
  const VulcandRules rules_;
  const std::unique_ptr<VulcandEngine> engine_;
  const std::string host_;
};

absl::Status Bad(const VulcandOptions& options, std::string_view setting, std::string_view value,
                 std::string_view allowed) {
  return Error(absl::StatusCode::kInvalidArgument, "adapters.", options.name, ".", setting, " is \"", value,
               "\", may be ", allowed);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Adapter>> MakeVulcandAdapter(VulcandOptions options) {
  const bool etcd = options.engine == "etcd";
  if (!etcd && options.engine != "api") {
    return Bad(options, "engine", options.engine, "api or etcd");
  }
  if (options.expose != "all" && options.expose != "labelled") {
    return Bad(options, "expose", options.expose, "all or labelled");
  }
  RETURN_IF_ERROR(CheckOwner(options.owner));
  if (options.listeners && options.listener_address.empty()) {
    return Bad(options, "listener_address", options.listener_address, "an address of Vulcand's host");
  }
  if (etcd && options.etcd_url.empty()) {
    return Bad(options, "etcd_url", options.etcd_url, "the URL of an etcd, since engine is etcd");
  }
  if (etcd && (options.etcd_key.empty() || options.etcd_key.ends_with('/'))) {
    return Bad(options, "etcd_key", options.etcd_key, "what Vulcand's -etcdKey says, such as vulcand");
  }
  const auto http = [&](std::string_view setting,
                        const std::string& text) -> absl::StatusOr<HttpClientOptions> {
    absl::StatusOr<Url> url = Url::Parse(text);
    if (!url.ok()) {
      return Annotate(url.status(), "adapters." + options.name + "." + std::string(setting));
    }
    HttpClientOptions client;
    client.base = *std::move(url);
    client.tls = options.tls;
    client.read_timeout = std::chrono::seconds(5);  // a stalled etcd makes Vulcand wait for ever
    return client;
  };
  ASSIGN_OR_RETURN(HttpClientOptions api, http("url", options.url));
  std::string host = api.base.host;
  std::unique_ptr<VulcandEngine> engine;
  if (etcd) {
    ASSIGN_OR_RETURN(HttpClientOptions gateway, http("etcd_url", options.etcd_url));
    engine = MakeEtcdEngine(options.owner, options.etcd_key + "/", std::move(gateway), std::move(api));
  } else {
    engine = MakeApiEngine(options.owner, std::move(api));
  }

  VulcandRules rules{options.owner, options.name, options.expose == "all" ? Expose::kAll : Expose::kLabelled,
                     options.listeners, options.listener_address};
  return std::make_unique<VulcandAdapter>(std::move(rules), std::move(engine), std::move(host));
}

}  // namespace dispatcher
