#include "adapters/vulcand/guards.h"

#include <utility>

#include "adapters/publish.h"
#include "adapters/vulcand/ids.h"
#include "adapters/vulcand/objects.h"
#include "adapters/vulcand/routes.h"

namespace dispatcher {
namespace {

std::string Listed(const std::vector<std::string>& ids) {
  std::string text;
  for (const std::string& id : ids) {
    text += (text.empty() ? "" : ", ") + id;
  }
  return text;
}

}  // namespace

bool SameAddress(std::string_view a, std::string_view b) {
  const auto [host_a, port_a] = SplitHostPort(a);
  const auto [host_b, port_b] = SplitHostPort(b);
  const auto any = [](std::string_view host) { return host.empty() || host == "0.0.0.0" || host == "::"; };
  return a == b || (port_a != 0 && port_a == port_b && (any(host_a) || any(host_b) || host_a == host_b));
}

SeenFrontend SeeFrontend(JsonView frontend) {
  const JsonView settings = frontend["Settings"], limits = settings["Limits"];
  const bool tuned = limits["MaxMemBodyBytes"].IntOr(0) != 0 || limits["MaxBodyBytes"].IntOr(0) != 0 ||
                     !settings["FailoverPredicate"].StringOr("").empty() ||
                     settings["TrustForwardHeader"].BoolOr(false) || settings["Stream"].BoolOr(false);
  return {frontend["BackendId"].StringOr(""), frontend["Route"].StringOr(""), HidesHost(frontend),
          limits["MaxMemBodyBytes"].IntOr(0), tuned};
}

SeenListener SeeListener(JsonView listener) {
  return {listener["Address"]["Address"].StringOr(""), listener["Protocol"].StringOr(""),
          listener["Scope"].StringOr("")};
}

absl::Status VulcandGuards::Load(std::string_view kind) {
  if (kind == kFrontendKind && !frontends_.has_value()) {
    ASSIGN_OR_RETURN(frontends_, view_.Frontends());
  }
  if (kind == kListenerKind && !listeners_.has_value()) {
    ASSIGN_OR_RETURN(listeners_, view_.Listeners());
  }
  return absl::OkStatus();
}

absl::Status VulcandGuards::Conflict(std::string_view what, std::string_view kind,
                                     std::string_view holder) const {
  if (ParseVulcandId(owner_, holder).has_value()) {
    return Error(absl::StatusCode::kAborted, what, " is held by our own ", kind, " ", holder,
                 " until that is gone");
  }
  return Error(absl::StatusCode::kFailedPrecondition, what, " is held by ", kind, " ", holder,
               ", which is not ours: delete that one, or give this service another");
}

absl::StatusOr<PutPlan> VulcandGuards::BeforePut(const Entry& entry) {
  RETURN_IF_ERROR(Load(entry.id.kind));
  if (entry.id.kind == kFrontendKind) {
    return BeforePutFrontend(entry);
  }
  if (entry.id.kind == kListenerKind) {
    return BeforePutListener(entry);
  }
  return PutPlan{};
}

absl::StatusOr<PutPlan> VulcandGuards::BeforePutFrontend(const Entry& entry) {
  const std::string_view route = FieldOf(entry, "route");
  const std::string meaning = RouteMeaning(route);
  for (const auto& [id, seen] : *frontends_) {
    if (id != entry.id.id && RouteMeaning(seen.route) == meaning) {
      return Conflict("route " + std::string(Trim(route)), kFrontendKind, id);
    }
  }
  PutPlan plan;
  const auto own = frontends_->find(entry.id.id);
  if (own != frontends_->end() && own->second.hides_host) {
    plan.memory = own->second.memory == kUsualMemory ? 0 : kUsualMemory;
  }
  return plan;
}

absl::StatusOr<PutPlan> VulcandGuards::BeforePutListener(const Entry& entry) {
  const std::string_view address = FieldOf(entry, "address");
  for (const auto& [id, seen] : *listeners_) {
    if (id != entry.id.id && SameAddress(seen.address, address)) {
      return Conflict("address " + std::string(address), kListenerKind, id);
    }
  }
  const auto own = listeners_->find(entry.id.id);
  const bool moved = own != listeners_->end() &&
                     (own->second.address != address || own->second.protocol != FieldOf(entry, "protocol"));
  return PutPlan{moved, 0};
}

absl::Status VulcandGuards::BeforeDelete(const EntryId& id) {
  if (id.kind == kFrontendKind) {
    return BeforeDeleteFrontend(id.id);
  }
  return id.kind == kBackendKind ? BeforeDeleteBackend(id.id) : absl::OkStatus();
}

absl::Status VulcandGuards::BeforeDeleteFrontend(std::string_view id) {
  ASSIGN_OR_RETURN(const std::vector<std::string> hung, view_.Middlewares(id));
  if (hung.empty()) {
    return absl::OkStatus();
  }
  return Error(absl::StatusCode::kFailedPrecondition, "frontend ", id, " is left, since middleware ",
               Listed(hung), " hangs on it and would go with it: delete that, then this goes by itself");
}

absl::Status VulcandGuards::BeforeDeleteBackend(std::string_view id) {
  RETURN_IF_ERROR(Load(kFrontendKind));
  for (const auto& [frontend, seen] : *frontends_) {
    if (seen.backend != id) {
      continue;
    }
    if (ParseVulcandId(owner_, frontend).has_value()) {
      RETURN_IF_ERROR(BeforeDeleteFrontend(frontend));
    }
    return Conflict("backend " + std::string(id), kFrontendKind, frontend);
  }
  ASSIGN_OR_RETURN(const std::vector<std::string> servers, view_.Servers(id));
  for (const std::string& server : servers) {
    if (!ParseVulcandServerId(server).has_value()) {
      return Error(absl::StatusCode::kFailedPrecondition, "backend ", id, " is left, since server ", server,
                   " in it is not ours and would go with it: delete that, then this goes by itself");
    }
  }
  return servers.empty() ? absl::OkStatus()
                         : Error(absl::StatusCode::kAborted, "backend ", id, " still holds servers");
}

void VulcandGuards::Done(const Change& change) {
  const bool put = change.op == Op::kPut;
  if (change.id.kind == kFrontendKind && frontends_.has_value()) {
    frontends_->erase(change.id.id);
    if (put) {
      (*frontends_)[change.id.id] = {std::string(FieldOf(*change.entry, "backend")),
                                     std::string(FieldOf(*change.entry, "route")), false, 0, false};
    }
  } else if (change.id.kind == kListenerKind && listeners_.has_value()) {
    listeners_->erase(change.id.id);
    if (put) {
      (*listeners_)[change.id.id] = {std::string(FieldOf(*change.entry, "address")),
                                     std::string(FieldOf(*change.entry, "protocol")),
                                     std::string(FieldOf(*change.entry, "scope"))};
    }
  }
}

}  // namespace dispatcher
