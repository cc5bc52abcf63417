#include "adapters/kong/read.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace dispatcher {
namespace {

// What stands in all entries of one owner's object.
Entry Marked(const KongVersion& version, const KongMark& mark, std::string_view body) {
  Entry entry;
  entry.service = KeyOfBody(body).value_or(ServiceKey{});
  if (version.HasTags()) {
    entry.framework = mark.framework;
  }
  return entry;
}

std::string Quoted(const std::string& name, const std::string& id) {
  return "\"" + (name.empty() ? id : name) + "\"";
}

}  // namespace

absl::StatusOr<KongRouting> ReadRouting(KongApi& api, const KongVersion& version, const Cancel& cancel) {
  KongRouting found;
  if (version.HasServices()) {
    RETURN_IF_ERROR(api.ForEach("/services", "", cancel,
                                [&](JsonView json) { found.services.push_back(ParseService(json)); }));
    RETURN_IF_ERROR(
        api.ForEach("/routes", "", cancel, [&](JsonView json) { found.routes.push_back(ParseRoute(json)); }));
    return found;
  }
  RETURN_IF_ERROR(api.ForEach("/apis", "", cancel, [&](JsonView json) {
    KongApiObject object = ParseApi(json);
    found.services.push_back(std::move(object.service));
    found.routes.push_back(std::move(object.route));
  }));
  return found;
}

absl::Status CheckUsable(const KongSite& site, const KongVersion& version) {
  if (version.dbless && !site.whole_file) {
    return absl::FailedPreconditionError(
        "this Kong runs without a database: all it holds is one document that each write replaces as a "
        "whole. "
        "Set `dbless: whole-file` if that document is to be the dispatcher's alone, or give Kong a database");
  }
  if (!version.dbless && site.whole_file) {
    return absl::FailedPreconditionError(
        "`dbless: whole-file` is set, but this Kong has a database: leave the setting out");
  }
  if (!site.to_router && !version.HasUpstreams()) {
    return Error(absl::StatusCode::kFailedPrecondition, "Kong ", version.Text(),
                 " has no upstreams, they came with 0.10: use `mode: router`");
  }
  return absl::OkStatus();
}

bool IsOwn(const KongSite& site, const KongVersion& version, const KongService& service) {
  return !BodyOfOwn(site, version, service).empty();
}

bool IsOwn(const KongSite& site, const KongVersion& version, const KongRoute& route) {
  return version.HasTags() && route.mark.owner == site.owner && route.name.starts_with(site.owner + ".");
}

std::string BodyOfOwn(const KongSite& site, const KongVersion& version, const KongService& service) {
  if (!version.HasTags()) {
    return std::string(BodyOfName(site.owner, service.name));
  }
  const bool own = service.mark.owner == site.owner && service.name.starts_with(site.owner + ".");
  return own ? service.mark.body : "";
}

const KongRoute* OldestOf(const std::vector<KongRoute>& routes) {
  const auto oldest =
      std::min_element(routes.begin(), routes.end(), [](const KongRoute& a, const KongRoute& b) {
        return std::tie(a.created, a.id) < std::tie(b.created, b.id);
      });
  return oldest == routes.end() ? nullptr : &*oldest;
}

Entry EntryOf(const KongSite& site, const KongVersion& version, const KongService& service,
              const KongRoute* route) {
  const std::string body = BodyOfOwn(site, version, service);
  Entry entry = Marked(version, service.mark, body);
  entry.id = {"", std::string(kServiceKind), StructureId(site.owner, body)};
  entry.rank = kServiceRank;
  entry.fields = FieldsOf(service, route, std::string_view(service.name).substr(site.owner.size() + 1),
                          KongName(site.owner, body));
  if (!version.HasTags()) {
    entry.fields["name"].clear();
    site.uncarried->Complete(entry);
  } else if (route != nullptr && route->name != service.name) {
    entry.fields["route-name"] = route->name;
  }
  return entry;
}

Entry EntryOf(const KongSite& site, const KongVersion& version, std::string_view body,
              const KongTarget& target) {
  Entry entry = Marked(version, target.mark, body);
  entry.id = {"", std::string(kTargetKind), TargetId(site.owner, body, target.address)};
  entry.rank = kTargetRank;
  entry.address = target.address;
  entry.fields = FieldsOf(target);
  if (version.HasTags()) {
    entry.service = target.mark.key;
    entry.task = target.mark.task;
  } else {
    site.uncarried->Complete(entry);
  }
  return entry;
}

absl::StatusOr<std::vector<KongTarget>> ReadTargets(KongApi& api, const KongVersion& version,
                                                    std::string_view upstream, const Cancel& cancel) {
  std::vector<KongTarget> targets;
  RETURN_IF_ERROR(api.ForEach(HttpPath("/upstreams", {upstream}) + "/targets", "", cancel,
                              [&](JsonView json) { targets.push_back(ParseTarget(json)); }));
  return version.ListsTargetHistory() ? NewestOf(std::move(targets)) : std::move(targets);
}

absl::Status ReadKong(const KongSite& site, const Cancel& cancel, absl::FunctionRef<void(Entry)> visit) {
  ASSIGN_OR_RETURN(const KongVersion version, site.api->Version(cancel));
  RETURN_IF_ERROR(CheckUsable(site, version));
  ASSIGN_OR_RETURN(const KongRouting found, ReadRouting(*site.api, version, cancel));

  std::map<std::string, std::vector<KongRoute>> routes_of;
  for (const KongRoute& route : found.routes) {
    routes_of[route.service].push_back(route);
  }
  std::set<std::string> ours;  // ids of routes that belong to an entry
  for (const KongService& service : found.services) {
    if (!IsOwn(site, version, service)) {
      continue;
    }
    std::vector<KongRoute>& routes = routes_of[service.id];
    if (version.HasTags()) {
      std::erase_if(routes, [&](const KongRoute& route) {
        return !IsOwn(site, version, route) || route.mark.body != service.mark.body;
      });
    }
    const KongRoute* route = OldestOf(routes);
    if (route != nullptr) {
      ours.insert(route->id);
    }
    visit(EntryOf(site, version, service, route));
  }
  std::vector<std::pair<KongRoute, KongHolder>> foreign;
  for (const KongRoute& route : found.routes) {
    if (ours.contains(route.id)) {
      continue;
    }
    if (!IsOwn(site, version, route)) {
      const std::string kind = version.HasServices() ? "route" : "api";
      foreign.push_back(
          {route, {HttpPath("/" + kind + "s", {route.id}), kind + " " + Quoted(route.name, route.id)}});
      continue;
    }
    Entry entry = Marked(version, route.mark, route.mark.body);
    entry.id = {"", std::string(kRouteKind), route.id};
    entry.rank = kServiceRank;
    visit(std::move(entry));
  }
  site.book->Set(foreign);

  if (!version.HasUpstreams()) {
    return absl::OkStatus();
  }
  std::vector<std::pair<std::string, KongMark>> upstreams;
  std::set<std::string> bodies;
  RETURN_IF_ERROR(site.api->ForEach("/upstreams", "", cancel, [&](JsonView json) {
    const std::string name = json["name"].StringOr("");
    const KongMark mark = ParseMark(json["tags"]);
    const std::string body(BodyOfName(site.owner, name));
    if (!body.empty() && (!version.HasTags() || (mark.owner == site.owner && mark.body == body))) {
      upstreams.emplace_back(body, mark);
      bodies.insert(body);
    }
  }));
  site.book->SetUpstreams(std::move(bodies));
  for (const auto& [body, mark] : upstreams) {
    Entry entry = Marked(version, mark, body);
    entry.id = {"", std::string(kUpstreamKind), StructureId(site.owner, body)};
    entry.rank = kUpstreamRank;
    const absl::StatusOr<std::vector<KongTarget>> targets =
        ReadTargets(*site.api, version, KongName(site.owner, body), cancel);
    if (targets.status().code() == absl::StatusCode::kNotFound) {
      continue;  // gone since it was listed
    }
    RETURN_IF_ERROR(targets.status());
    if (!version.HasTags()) {
      site.uncarried->Complete(entry);
    }
    visit(std::move(entry));
    for (const KongTarget& target : *targets) {
      if (!version.HasTags() || target.mark.owner == site.owner) {
        visit(EntryOf(site, version, body, target));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace dispatcher
