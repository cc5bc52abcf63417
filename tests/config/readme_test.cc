#include <fstream>
#include <sstream>

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
  std::vector<std::string_view> keys;
  for (const Setting& setting : SettingsTable()) {
    INFO(setting.key);
    CHECK(std::find(keys.begin(), keys.end(), setting.key) == keys.end());
    CHECK_FALSE(setting.help.empty());
    CHECK(setting.help.back() != '.');
    CHECK_FALSE(AllowedText(setting).empty());
    CHECK(SettingsHelp().find(setting.key) != std::string::npos);
    keys.push_back(setting.key);
  }
}

}  // namespace
}  // namespace dispatcher
