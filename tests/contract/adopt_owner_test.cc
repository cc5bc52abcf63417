// `--adopt owner:OLD` on every registry that is shared: what a dispatcher of another owner
// wrote becomes ours, one for one.
#include <algorithm>

#include "tests/contract/on_each.h"
#include "tests/contract/scripts.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

// What it is tried on: registries that outlive a process and hold two owners. Ours is put
// behind an etcd only where a Vulcand says that it has seen it.
bool HoldsTwoOwners(const std::string& name) {
  return !name.starts_with("memory") && !name.starts_with("etcd") &&
         name.find("DB-less") == std::string::npos;
}

struct OwnedSite {
  explicit OwnedSite(Subject& subject_in) : subject(subject_in), old(FreshOwner()), owner(FreshOwner()) {
    const std::vector<std::string> hosts = subject.hosts();
    services = {
        MakeService("/web", {{"web.1", hosts[0], 31001}, {"web.2", hosts[1], 31002}}),
        MakeService("/api", {{"api.1", hosts[0], 31003}, {"api.2", hosts[1], 31004, Condition::kCritical}}),
        MakeService("/idle", {})};
    all = services;
    const auto before = subject.Make(old);
    for (const Service& service : services) {
      theirs.merge(Rendered(*before, service));
    }
    CHECK(ErrorOf(WriteAll(*before, Puts(theirs))) == "");
    adapter = subject.Make(owner);
    for (const Service& service : services) {
      wanted.merge(Rendered(*adapter, service));
    }
    REQUIRE(ReadAll(*adapter).ok());
  }
  ~OwnedSite() {
    WriteAll(*adapter, Deletes(wanted));
    WriteAll(*subject.Make(old), Deletes(theirs));
  }

  std::vector<Adoption> Adopt(bool dry_run = false) {
    AdoptionRequest request;
    request.from = Maker::kOwner;
    request.whose = old;
    request.predecessor = subject.Make(old);
    return AdoptAs(request, *adapter, services, dry_run);
  }
  // As many as they had, all with that outcome.
  bool All(const std::vector<Adoption>& adoptions, Adoption::Outcome outcome) const {
    return adoptions.size() == theirs.size() &&
           std::all_of(adoptions.begin(), adoptions.end(),
                       [&](const Adoption& adoption) { return adoption.outcome == outcome; });
  }
  std::string TheirsDiffer() { return Difference(*Fresh(old), theirs); }
  // As a process would have it that has rendered what there is.
  std::unique_ptr<Adapter> Fresh(const std::string& whose) {
    std::unique_ptr<Adapter> fresh = subject.Make(whose);
    for (const Service& service : all) {
      Rendered(*fresh, service);
    }
    return fresh;
  }

  Subject& subject;
  const std::string old, owner;
  std::vector<Service> services, all;
  std::unique_ptr<Adapter> adapter;
  Entries theirs, wanted;
};

TEST_CASE("what was written for another owner becomes ours, one for one, and nothing twice") {
  OnEachOf(HoldsTwoOwners, [](Subject& subject, const std::string&) {
    OwnedSite site(subject);
    WriteAll(*site.adapter, Puts(site.wanted));  // a route that is theirs is refused
    const auto dry = site.Adopt(true);
    INFO(Outcomes(dry) << Reasons(dry));
    CHECK(site.All(dry, Adoption::Outcome::kWould));
    CHECK(site.TheirsDiffer() == "");
    const auto adoptions = site.Adopt();
    INFO(Outcomes(adoptions) << Reasons(adoptions));
    CHECK(site.All(adoptions, Adoption::Outcome::kTaken));
    const auto fresh = site.Fresh(site.owner);
    CHECK(Difference(*fresh, site.wanted) == "");
    CHECK(WaitFor([&] {
      const auto left = ReadAll(*subject.Make(site.old));
      return left.ok() && left->empty();
    }));
    CHECK(AllOk(WriteAll(*fresh, Puts(site.wanted))));
    CHECK(site.Adopt().empty());
  });
}

TEST_CASE("nothing of another owner's goes before ours stands") {
  OnEachOf(HoldsTwoOwners, [](Subject& subject, const std::string&) {
    OwnedSite site(subject);
    // Of /idle nothing leads anywhere, so it might; and a Kong in front of a router has no targets.
    site.services.pop_back();
    std::erase_if(site.theirs, [](const auto& entry) { return entry.second.service.app == "/idle"; });
    const auto adoptions = site.Adopt();
    INFO(Outcomes(adoptions) << Reasons(adoptions));
    for (const Adoption& adoption : adoptions) {
      const bool theirs = adoption.what.find("idle") == std::string::npos;
      CHECK((!theirs || adoption.outcome == Adoption::Outcome::kLeft));
    }
  });
}

TEST_CASE("what nothing of ours takes the place of is left, with the remedy") {
  OnEachOf(HoldsTwoOwners, [](Subject& subject, const std::string&) {
    OwnedSite site(subject);
    site.services.erase(site.services.begin() + 1, site.services.end());  // /api and /idle are gone
    WriteAll(*site.adapter, Puts(Rendered(*site.adapter, site.services[0])));
    const auto adoptions = site.Adopt();
    INFO(Outcomes(adoptions) << Reasons(adoptions));
    CHECK(adoptions.size() == site.theirs.size());
    for (const Adoption& adoption : adoptions) {
      const bool of_web = adoption.what.find("web") != std::string::npos;
      CHECK(adoption.outcome == (of_web ? Adoption::Outcome::kTaken : Adoption::Outcome::kLeft));
      CHECK((of_web || adoption.why.find("uninstall with owner " + site.old) != std::string::npos));
    }
    std::erase_if(site.theirs, [](const auto& entry) { return entry.second.service.app == "/web"; });
    CHECK(site.TheirsDiffer() == "");
  });
}

}  // namespace
}  // namespace dispatcher::testing
