#include "dispatcher/statics/static_service.h"

#include <algorithm>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

// One lost packet is no illness.
constexpr int kFailuresToBeUnfit = 3;
constexpr int kMesosPort = 5050;

struct Address {
  std::string host;  // without brackets
  uint16_t port = 0;
};

std::optional<Address> ParseAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return std::nullopt;
  }
  std::string_view host = text.substr(0, colon);
  const std::optional<int64_t> port = ParseInt(text.substr(colon + 1));
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const bool sound = std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_' || c == ':';
  });
  if (!sound || !port || *port < 1 || *port > 65535) {
    return std::nullopt;
  }
  return Address{std::string(host), static_cast<uint16_t>(*port)};
}

std::shared_ptr<const Profile> ProfileOf(const StaticSpec& spec) {
  Profile profile;
  profile.names = {spec.name};
  profile.hosts = spec.hosts;
  profile.paths = spec.paths;
  profile.strip_path = spec.strip_path;
  profile.http = true;
  profile.service_port = spec.service_port;
  profile.adapters = spec.adapters;
  profile.labelled = true;  // whoever configures it asks for it
  return std::make_shared<const Profile>(std::move(profile));
}

TaskId TaskOf(const StaticSpec& spec, const Address& address) {
  std::string host = address.host;
  std::replace(host.begin(), host.end(), ':', '-');
  return "static." + spec.name + "." + host + "_" + std::to_string(address.port);
}

}  // namespace

StaticService::StaticService(StaticSpec spec) : spec_(std::move(spec)), profile_(ProfileOf(spec_)) {
  if (spec_.kind == StaticKind::kTargets) {
    for (const std::string& target : spec_.targets) {
      targets_.try_emplace(target);
    }
  }
  Rebuild();
}

ServiceKey StaticService::key() const { return {std::string(kStaticPrefix) + spec_.name, 0}; }

std::vector<StaticQuestion> StaticService::Due(Mono now) {
  std::vector<StaticQuestion> questions;
  if (spec_.kind != StaticKind::kTargets && !leader_asked_ && leader_due_ <= now) {
    leader_asked_ = true;
    questions.push_back({true, ""});
  }
  for (auto& [address, target] : targets_) {
    if (Asks() && target.current && !target.asked && target.due <= now) {
      target.asked = true;
      questions.push_back({false, address});
    }
  }
  return questions;
}

std::optional<Mono> StaticService::NextDeadline() const {
  std::optional<Mono> next;
  const auto at = [&](Mono when) { next = next ? std::min(*next, when) : when; };
  if (spec_.kind != StaticKind::kTargets && !leader_asked_) {
    at(leader_due_);
  }
  for (const auto& [address, target] : targets_) {
    if (Asks() && target.current && !target.asked) {
      at(target.due);
    }
  }
  return next;
}

void StaticService::Probed(const std::string& address, const absl::Status& answer, Mono now) {
  const auto it = targets_.find(address);
  if (it == targets_.end()) {
    return;
  }
  Target& target = it->second;
  target.asked = false;
  target.due = now + spec_.interval;
  target.failures = answer.ok() ? 0 : target.failures + 1;
  const std::optional<bool> before = target.well;
  if (answer.ok()) {
    target.well = true;
  } else if (target.failures >= kFailuresToBeUnfit) {
    target.well = false;
  }
  if (target.well != before) {
    target.since = now;
    target.reason = answer.ok() ? "its health path answers" : "its health path fails: " + Text(answer);
    Rebuild();
  }
}

void StaticService::LeaderIs(const absl::StatusOr<std::string>& leader, Mono now) {
  leader_asked_ = false;
  leader_due_ = now + spec_.interval;
  if (!leader.ok() || !ParseAddress(*leader)) {
    return;
  }
  const auto [it, added] = targets_.try_emplace(*leader);
  if (!added && it->second.current) {
    return;
  }
  for (auto& [address, target] : targets_) {
    if (target.current && address != *leader) {
      target.current = false;
      target.since = now;
      target.reason = *leader + " leads now";
    }
  }
  Target fresh;
  fresh.asked = it->second.asked;  // an answer may still be on its way
  fresh.since = now;
  fresh.reason = "it leads";
  it->second = std::move(fresh);
  Rebuild();
}

void StaticService::Rebuild() {
  auto service = std::make_shared<Service>();
  service->key = key();
  service->profile = profile_;
  service->reason = "configured in static_services";
  for (const auto& [text, target] : targets_) {
    const std::optional<Address> address = ParseAddress(text);
    if (!address) {
      continue;
    }
    auto instance = std::make_shared<Instance>();
    instance->task = TaskOf(spec_, *address);
    instance->address = address->host;
    instance->port = address->port;
    instance->host = address->host;
    instance->ports = {address->port};
    instance->profile = profile_;
    instance->since = target.since;
    instance->reason = target.reason.empty() ? service->reason : SharedString(target.reason);
    if (!target.current) {
      instance->want = Want::kNo;
      instance->condition = Condition::kDraining;
    } else if (!Asks() || target.well == true) {
      instance->condition = Condition::kPassing;
    } else if (target.well == false) {
      instance->condition = Condition::kCritical;
    } else if (spec_.kind == StaticKind::kTargets) {
      instance->want = Want::kIfThere;  // nobody has answered yet: what is there stays
    }  // who was elected is taken for well until it fails: the one before it is gone
    service->instances.push_back(std::move(instance));
  }
  std::sort(service->instances.begin(), service->instances.end(),
            [](const auto& a, const auto& b) { return a->task < b->task; });
  // What an earlier configuration named is gone for certain; of leaders, once one is known.
  service->complete = !service->instances.empty();
  service->missing = Why::kPolicy;
  built_ = std::move(service);
}

absl::StatusOr<std::string> LeaderOfRedirect(std::string_view location) {
  const size_t slashes = location.find("//");
  if (slashes == std::string_view::npos) {
    return absl::UnavailableError("it redirects to no host");
  }
  std::string_view authority = location.substr(slashes + 2);
  authority = authority.substr(0, authority.find('/'));
  std::string leader(authority);
  const bool bare = authority.find(':') == std::string_view::npos || authority.ends_with(']');
  if (bare) {
    leader.append(":").append(std::to_string(kMesosPort));
  }
  if (!ParseAddress(leader)) {
    return absl::UnavailableError("it redirects to no host");
  }
  return leader;
}

}  // namespace dispatcher
