#include "dispatcher/config/table.h"
#include "dispatcher/engine/adapters_factory.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("The settings know exactly the types of adapters that the engine can make") {
  CHECK(SettableAdapterTypes() == AdapterTypes());
  for (const Setting& setting : SettingsTable()) {
    if (setting.key == "adapters.*.type") {
      std::string words;
      for (const std::string& type : AdapterTypes()) {
        words.append(words.empty() ? "" : "|").append(type);
      }
      CHECK(setting.allowed == words);
    }
  }
}

}  // namespace
}  // namespace dispatcher
