// What scripts.h declares; named like a test because only those are built here.
#include "tests/contract/scripts.h"

#include <memory>

namespace dispatcher::testing {

std::vector<Adoption> AdoptAs(AdoptionRequest request, Adapter& adapter, const std::vector<Service>& services,
                              bool dry_run) {
  for (const Service& service : services) {
    request.services.push_back(std::make_shared<const Service>(service));
  }
  request.dry_run = dry_run;
  request.deadline = MonoClock::now() + std::chrono::seconds(30);
  return adapter.Adopt(request, Cancel());
}

std::vector<Adoption> AdoptScripts(Adapter& adapter, const std::vector<Service>& services, bool dry_run) {
  return AdoptAs({}, adapter, services, dry_run);
}

std::string Outcomes(const std::vector<Adoption>& adoptions) {
  std::string text;
  for (const Adoption& adoption : adoptions) {
    constexpr const char* kWords[] = {"taken ", "would ", "left ", "failed "};
    text += kWords[static_cast<int>(adoption.outcome)] + adoption.what + "\n";
  }
  return text;
}

std::string Reasons(const std::vector<Adoption>& adoptions) {
  std::string text;
  for (const Adoption& adoption : adoptions) {
    text += adoption.why + "\n";
  }
  return text;
}

}  // namespace dispatcher::testing
