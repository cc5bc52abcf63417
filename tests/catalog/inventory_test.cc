// What is not listed is no part of a state: two that differ in it count as one.
#include "dispatcher/catalog/inventory.h"

#include "dispatcher/catalog/facts.h"
#include "tests/support/catch.h"
#include "tests/support/members.h"

namespace dispatcher {
namespace {

using testing::Members;

TEST_CASE("whoever adds a fact lists it in inventory.cc, or says here why it follows from the rest") {
  CHECK(Members<Place>() == 3);
  CHECK(Members<TaskFacts>() == 20);
  CHECK(Members<TaskFacts::Leaving>() == 9);
  CHECK(Members<HealthFacts>() == 3);
  CHECK(Members<HealthFacts::FromEvent>() == 4);
  CHECK(Members<HealthFacts::FromRead>() == 4);
  CHECK(Members<InstanceFacts>() == 6);
  CHECK(Members<Task>() == 8);  // profiles follow from the version
  CHECK(Members<DeploymentFacts>() == 8);
  CHECK(Members<AppFacts>() == 33);
  CHECK(Members<AppFacts::Deployments>() == 5);
  CHECK(Members<AppFacts::Versions>() == 2);
}

}  // namespace
}  // namespace dispatcher
