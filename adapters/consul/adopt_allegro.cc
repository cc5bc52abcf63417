#include "adapters/consul/adopt_allegro.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "adapters/consul/strangers.h"
#include "dispatcher/base/json.h"

namespace dispatcher {
namespace {

using Outcome = Adoption::Outcome;

constexpr std::string_view kTaskTag = "marathon-task:";

bool Has(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// The task that its tags name; "" if they name none, or several.
std::string TaskOf(const Registration& registration) {
  std::string task;
  for (const std::string& tag : registration.tags) {
    if (tag.starts_with(kTaskTag)) {
      if (!task.empty()) {
        return "";
      }
      task = tag.substr(kTaskTag.size());
    }
  }
  return task;
}

std::string AddressOf(const Registration& registration) {
  return HostPort(registration.address, static_cast<int>(registration.port));
}

class Adopter {
 public:
  Adopter(const ConsulSite& site, const AdoptionRequest& request, const Cancel& cancel)
      : site_(site),
        request_(request),
        cancel_(cancel),
        evictor_(site.servers, site.agents, request, cancel) {
    for (const auto& service : request.services) {
      for (const auto& instance : service->instances) {
        if (instance->want != Want::kNo) {
          Expect(*service, *instance);
        }
      }
    }
  }

  std::vector<Adoption> Run() {
    const absl::StatusOr<CatalogContent> found = ReadAllNodes(site_.servers, site_.options.owner, cancel_);
    if (!found.ok()) {
      return {{Outcome::kFailed, "reading the catalog", Text(found.status())}};
    }
    for (const Registered& own : found->ours) {
      there_[own.registration.id] = own;
    }
    std::vector<Adoption> adoptions;
    for (const Registered& theirs : found->strangers) {
      if (!LooksLikeTheirs(theirs.registration)) {
        continue;
      }
      const absl::StatusOr<std::string> why = Obstacle(theirs.registration);
      Adoption adoption = !why.ok()       ? Adoption{Outcome::kFailed, "", Text(why.status())}
                          : !why->empty() ? Adoption{Outcome::kLeft, "", *why}
                                          : evictor_.Evict(theirs);
      // By its id: a name has an entry for each instance.
      adoption.what = "service " + theirs.registration.id + " on node " + theirs.node;
      adoptions.push_back(std::move(adoption));
    }
    return adoptions;
  }

 private:
  // What is registered of a task, by its names.
  using Names = std::map<std::string, std::vector<Registration>>;

  void Expect(const Service& service, const Instance& instance) {
    for (Registration& registration : RegistrationsOf(site_.options.owner, "", service, instance)) {
      const std::string name = registration.name;
      expected_[std::string(instance.task)][name].push_back(std::move(registration));
    }
  }

  bool LooksLikeTheirs(const Registration& found) const {
    return Has(found.tags, request_.whose) ||
           std::any_of(found.tags.begin(), found.tags.end(),
                       [](const std::string& tag) { return tag.starts_with(kTaskTag); });
  }

  // "" if it is just as marathon-consul makes them for that task.
  std::string Unlike(const Registration& found, const std::string& task) const {
    const std::string id = task + "_" + found.name + "_" + std::to_string(found.port);
    return !Has(found.tags, request_.whose) ? "it lacks the tag " + request_.whose +
                                                  ": if its maker had another consul-tag, say allegro:TAG"
           : task.empty()                       ? "it has not exactly one tag marathon-task:<task id>"
           : !found.owner.empty()               ? "it is another dispatcher's"
           : found.id != task && found.id != id ? "its id is not as marathon-consul makes it"
                                                : "";
  }

  // Why it stays; "" if it may go.
  absl::StatusOr<std::string> Obstacle(const Registration& found) const {
    const std::string task = TaskOf(found);
    if (std::string unlike = Unlike(found, task); !unlike.empty()) {
      return unlike;
    }
    const auto names = expected_.find(task);
    if (names == expected_.end()) {
      return "no task " + task + " runs and is published here";
    }
    const auto named = names->second.find(found.name);
    if (named == names->second.end()) {
      return "ours of that task is called " + names->second.begin()->first +
             ": who asks for the old name would find nobody";
    }
    const auto ours = std::find_if(named->second.begin(), named->second.end(), [&](const Registration& one) {
      return AddressOf(one) == AddressOf(found);
    });
    if (ours == named->second.end()) {
      return "its address is " + AddressOf(found) + ", that of ours is " + AddressOf(named->second.front());
    }
    for (const std::string& tag : found.tags) {
      if (tag != request_.whose && !tag.starts_with(kTaskTag) && !Has(ours->tags, tag)) {
        return "it has the tag " + tag + ", ours has not";
      }
    }
    return request_.dry_run ? std::string() : NotStanding(*ours);
  }

  absl::StatusOr<std::string> NotStanding(const Registration& ours) const {
    const auto there = there_.find(ours.id);
    if (there == there_.end() || there->second.registration.name != ours.name ||
        AddressOf(there->second.registration) != AddressOf(ours) ||
        there->second.registration.tags != ours.tags) {
      return std::string("ours does not stand beside it");
    }
    ASSIGN_OR_RETURN(const JsonDocument checks,
                     site_.servers.Get(HttpPath("/v1/health/node", {there->second.node}), "", cancel_));
    bool critical = false;
    checks.root().ForEach([&](JsonView check) {
      const std::string of = check["ServiceID"].StringOr("");
      critical = critical || ((of.empty() || of == ours.id) && check["Status"].StringOr("") == "critical");
    });
    return critical ? std::string("ours is critical") : std::string();
  }

  const ConsulSite& site_;
  const AdoptionRequest& request_;
  const Cancel& cancel_;
  Evictor evictor_;
  std::map<std::string, Names> expected_;    // by task
  std::map<std::string, Registered> there_;  // ours, by id
};

}  // namespace

std::vector<Adoption> AdoptAllegroEntries(const ConsulSite& site, const AdoptionRequest& request,
                                          const Cancel& cancel) {
  if (site.options.publish != "instances") {
    return {
        {Outcome::kLeft, "every entry",
         "a name stands for the router here, with marathon-consul it stood for the instances: set publish: "
         "instances"}};
  }
  return Adopter(site, request, cancel).Run();
}

}  // namespace dispatcher
