#include <fstream>
#include <sstream>

#include "dispatcher/base/strings.h"
#include "dispatcher/config/describe.h"
#include "dispatcher/config/table.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("The README's table of settings is the one in the code") {
  std::ifstream file(TEST_DATA "/../../README.md");
  std::stringstream text;
  text << file.rdbuf();
  INFO("put the output of `dispatcher config --markdown` between the markers of README.md");
  CHECK(text.str().find("<!-- settings -->\n" + SettingsMarkdown() + "<!-- /settings -->") !=
        std::string::npos);
}

TEST_CASE("Every row of the table has a key of its own, a meaning and a remark on what it takes") {
  std::vector<std::string> keys;  // with the type of adapter
  for (const Setting& setting : SettingsTable()) {
    INFO(setting.key);
    for (const std::string_view type : Split(setting.adapter_types, ',')) {
      const std::string key = std::string(setting.key) + " " + std::string(type);
      CHECK(std::find(keys.begin(), keys.end(), key) == keys.end());
      keys.push_back(key);
    }
    CHECK_FALSE(setting.help.empty());
    CHECK(setting.help.back() != '.');
    CHECK_FALSE(AllowedText(setting).empty());
    CHECK(SettingsHelp().find(setting.key) != std::string::npos);
  }
}

}  // namespace
}  // namespace dispatcher
