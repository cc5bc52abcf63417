// The question every adapter asks first: is this service for me at all?
#pragma once

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_join.h"
#include "adapters/adapter.h"
#include "dispatcher/base/strings.h"

namespace dispatcher {

// `expose` of an adapter's settings: what it publishes of services that name no
// adapters themselves.
enum class Expose : uint8_t {
  kAll,
  kLabelled,  // only those that carry a label of ours or of a peer
};

// Why a service is not for this adapter, and what makes it so.
inline std::string WhyUnasked(const Service& service, std::string_view adapter) {
  std::string text;
  if (service.profile->adapters.empty()) {
    return text.append("no label asks for it, and adapters.")
        .append(adapter)
        .append(".expose is labelled: label it dispatcher.enable=true");
  }
  const std::string names = absl::StrJoin(service.profile->adapters, ",");
  if (IsStatic(service.key)) {
    return text.append("static_services.")
        .append(std::string_view(service.key.app).substr(kStaticPrefix.size()))
        .append(".adapters is ")
        .append(names)
        .append(": add ")
        .append(adapter);
  }
  return text.append("dispatcher.adapters (or HAPROXY_GROUP) is ")
      .append(names)
      .append(": add ")
      .append(adapter);
}

// Published or not, with the reason, and no structure or claims yet. `adapter` is
// the adapter's name in the configuration. A service whose profile is not known
// counts as published: what is there of it is kept.
inline Rendered Publication(const Service& service, std::string_view adapter, Expose expose) {
  Rendered rendered;
  const Profile* profile = service.profile.get();
  if (profile == nullptr) {
    return rendered;
  }
  const bool asked = profile->adapters.empty() ? expose == Expose::kAll || profile->labelled
                                               : std::find(profile->adapters.begin(), profile->adapters.end(),
                                                           adapter) != profile->adapters.end();
  if (!asked) {
    rendered.published = false;
    rendered.unasked = WhyUnasked(service, adapter);
  } else if (!profile->refusal.empty()) {
    rendered.published = false;
    (profile->off ? rendered.unasked : rendered.refusal) = profile->refusal;
  } else if (profile->names.empty()) {
    rendered.published = false;
    rendered.refusal = "the service has no name";
  }
  return rendered;
}

// Publication for routers and gateways: only HTTP ports that no label keeps out.
// A port that was never meant for one is no matter of refusal, unless its labels
// name this adapter.
inline Rendered RoutedPublication(const Service& service, std::string_view adapter, Expose expose) {
  Rendered rendered = Publication(service, adapter, expose);
  const Profile* profile = service.profile.get();
  if (profile == nullptr || !rendered.published || (profile->http && profile->routed)) {
    return rendered;
  }
  rendered.published = false;
  (profile->adapters.empty() ? rendered.unasked : rendered.refusal) =
      profile->http
          ? "its labels keep it out of routers and gateways: HAPROXY_n_ENABLED or traefik.enable is false"
          : "not an HTTP port: set the port's protocol to http, give it an HTTP "
            "health check, or label it dispatcher.hosts";
  return rendered;
}

// The structure of everything that is to be adopted.
inline std::vector<Entry> StructureOf(const Adapter& adapter, const AdoptionRequest& request) {
  std::vector<Entry> structure;
  for (const auto& service : request.services) {
    for (Entry& entry : adapter.Render(*service).structure) {
      structure.push_back(std::move(entry));
    }
  }
  return structure;
}

// Of a static service whose leader is not known, say: nobody could be sent anywhere.
inline bool LeadsNowhere(const Service& service) {
  return IsStatic(service.key) && std::none_of(service.instances.begin(), service.instances.end(),
                                               [](const auto& one) { return one->want != Want::kNo; });
}

// "" if every instance that is well is among `there`, else what is missing. Not even one
// that is well, though some run: that is missing, too.
inline std::string MissingInstances(const Adapter& adapter, const Service& service,
                                    const std::set<EntryId>& there) {
  bool runs = false, well = false;
  for (const auto& instance : service.instances) {
    runs = runs || instance->want != Want::kNo;
    if (instance->want == Want::kNo || instance->condition == Condition::kCritical ||
        instance->condition == Condition::kDraining) {
      continue;
    }
    well = true;
    for (const Entry& entry : adapter.Render(service, *instance)) {
      if (!there.contains(entry.id)) {
        return "task " + std::string(instance->task) + " is not there yet";
      }
    }
  }
  return runs && !well ? "none of its instances is well" : "";
}

// A claim on each name, for adapters in which a name belongs to one app.
inline void ClaimNames(const Service& service, Rendered& rendered) {
  if (!rendered.published || service.profile == nullptr) {
    return;
  }
  for (const std::string& name : service.profile->names) {
    rendered.claims.push_back({"name " + name, service.profile->shared});
  }
}

// InvalidArgument unless it is [a-z0-9]{1,20}: it becomes part of ids.
inline absl::Status CheckOwner(std::string_view owner) {
  const bool sound = !owner.empty() && owner.size() <= 20 &&
                     std::all_of(owner.begin(), owner.end(),
                                 [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
  return sound ? absl::OkStatus()
               : Error(absl::StatusCode::kInvalidArgument, "owner is \"", owner, "\", may be [a-z0-9]{1,20}");
}

// host:port, IPv6 in brackets; "" without a host.
inline std::string HostPort(std::string_view host, int port) {
  if (host.empty()) {
    return "";
  }
  const bool v6 = host.find(':') != std::string_view::npos;
  std::string text = v6 ? "[" : "";
  text.append(host).append(v6 ? "]:" : ":").append(std::to_string(port));
  return text;
}

// "[::1]:80" -> "::1", 80; port 0 if there is none or it is no number.
inline std::pair<std::string_view, int64_t> SplitHostPort(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) {
    return {};
  }
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return {host, ParseInt(text.substr(colon + 1)).value_or(0)};
}

// True if traffic can be sent to that host:port.
inline bool IsDestination(std::string_view text) {
  const auto [host, port] = SplitHostPort(text);
  return !host.empty() && host != "0.0.0.0" && host != "::" && port >= 1 && port <= 65535;
}

}  // namespace dispatcher
