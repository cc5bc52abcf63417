#include "adapters/kong/render.h"

#include <algorithm>

#include "adapters/kong/objects.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// The largest weight that every version takes (65535 since 2.0.5).
constexpr int kMaxWeight = 1000;

std::string BodyFor(const Service& service, const Profile& profile) {
  return profile.shared ? SharedBody(profile.names[0]) : BodyOf(service.key);
}

// One claim for each place that a request can be sent to: apps may share a host as
// long as their paths differ.
void ClaimRoutes(const Profile& profile, Rendered& rendered) {
  const std::vector<std::string> none = {""};
  for (const std::string& host : profile.hosts.empty() ? none : profile.hosts) {
    for (const std::string& path : profile.paths.empty() ? none : profile.paths) {
      rendered.claims.push_back(
          {path.empty() ? "host " + Lower(host) : "route " + Lower(host) + path, profile.shared});
    }
  }
}

}  // namespace

KongRender::KongRender(const KongOptions& options)
    : owner_(options.owner),
      name_(options.name),
      expose_(options.expose == "all" ? Expose::kAll : Expose::kLabelled),
      to_router_(options.mode == "router") {
  if (absl::StatusOr<Url> url = Url::Parse(options.router_url); url.ok()) {
    router_ = *std::move(url);
  }
}

Rendered KongRender::Structure(const Service& service, std::string_view framework) const {
  Rendered rendered = RoutedPublication(service, name_, expose_);
  const Profile* profile = service.profile.get();
  if (!rendered.published || profile == nullptr) {
    return rendered;
  }
  if (profile->hosts.empty() && profile->paths.empty()) {
    rendered.refusal = "no host and no path to route by: label it dispatcher.hosts or dispatcher.paths";
  } else if (to_router_ && profile->service_port <= 0) {
    rendered.refusal =
        "no service port, by which the router would listen for it: give the port a servicePort";
  }
  if (!rendered.refusal.empty()) {
    rendered.published = false;
    return rendered;
  }
  rendered.claims.push_back({"name " + profile->names[0], profile->shared});
  ClaimRoutes(*profile, rendered);

  const std::string body = BodyFor(service, *profile);
  Entry entry;
  entry.service = profile->shared ? ServiceKey{} : service.key;
  entry.framework = framework;
  entry.id = {"", std::string(kServiceKind), StructureId(owner_, body)};
  entry.rank = kServiceRank;
  KongService to;
  KongRoute route;
  to.host = to_router_ ? router_.host : KongName(owner_, body);
  if (to_router_) {
    to.protocol = router_.scheme;
    to.port = profile->service_port;
    to.path = router_.path;
  }
  for (const std::string& host : profile->hosts) {
    route.hosts.push_back(Lower(host));
  }
  route.paths = profile->paths;
  route.preserve_host = true;
  // A router behind Kong has the whole path in its own routes.
  route.strip_path = profile->strip_path && !to_router_;
  entry.fields = FieldsOf(to, &route, profile->names[0], KongName(owner_, body));
  if (!to_router_) {
    Entry upstream;
    upstream.id = {"", std::string(kUpstreamKind), entry.id.id};
    upstream.rank = kUpstreamRank;
    upstream.service = entry.service;
    upstream.framework = framework;
    rendered.structure.push_back(std::move(upstream));
  }
  rendered.structure.push_back(std::move(entry));
  return rendered;
}

std::vector<Entry> KongRender::Target(const Service& service, const Instance& instance,
                                      std::string_view framework) const {
  const Profile* profile = service.profile.get();
  if (to_router_ || profile == nullptr || profile->names.empty() || instance.address.empty()) {
    return {};
  }
  KongTarget target;
  target.address = ShortAddress(HostPort(instance.address, instance.port));
  target.weight = std::clamp(instance.profile == nullptr ? 1 : instance.profile->weight, 1, kMaxWeight);
  Entry entry;
  entry.id = {"", std::string(kTargetKind), TargetId(owner_, BodyFor(service, *profile), target.address)};
  entry.rank = kTargetRank;
  entry.service = service.key;
  entry.task = instance.task;
  entry.address = target.address;
  entry.framework = framework;
  entry.fields = FieldsOf(target);
  return {std::move(entry)};
}

}  // namespace dispatcher
