#include "dispatcher/commands/arguments.h"
#include "tests/commands/execute.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("Options may stand anywhere, be joined by = and be repeated") {
  const std::vector<Option> known = {{"--set", "KEY=VALUE", ""}, {"--dry-run", "", ""}};
  const auto parsed = ParseArguments({"a", "--set", "x=1", "--dry-run", "--set=y=2", "--", "--b"}, known);
  REQUIRE(parsed.ok());
  CHECK(parsed->words == std::vector<std::string>{"a", "--b"});
  CHECK(parsed->All("--set") == std::vector<std::string>{"x=1", "y=2"});
  CHECK(parsed->Get("--set") == "y=2");
  CHECK(parsed->Has("--dry-run"));
  CHECK_FALSE(parsed->Has("--help"));
}

TEST_CASE("A slip on the command line gets a message with a remedy and exit code 1") {
  struct Case {
    std::vector<std::string> arguments;
    std::string err;
  };
  const std::vector<Case> cases = {
      {{"explan"}, "dispatcher: explan is not a command: do you mean explain?\n"},
      {{"qqqqqqqqq"}, "dispatcher: qqqqqqqqq is not a command: see `dispatcher --help`\n"},
      {{"run", "--confg", "x"}, "dispatcher: --confg is not an option: do you mean --config?\n"},
      {{"--qqqqqqqqq"}, "dispatcher: --qqqqqqqqq is not an option of this command: see --help\n"},
      {{"config", "--config"}, "dispatcher: --config lacks its FILE\n"},
      {{"run", "--dry-run=yes"}, "dispatcher: --dry-run takes no value\n"},
      {{"explain", "/a", "b", "c"}, "dispatcher: usage: dispatcher explain [APP [TASK]]\n"},
      {{"--set", "owner=a", "config"},
       "dispatcher: config is a command: it comes first, before all options\n"},
      {{"plan", "--url", "http://127.0.0.1:1", "--output", "xml"},
       "dispatcher: --output xml is neither text nor json\n"},
      {{"config", "--set", "owner=A", "--set", "log.level=x"},
       "dispatcher: --set owner: \"A\" is no owner: write 1 to 20 characters of a-z and 0-9\n"
       "dispatcher: --set log.level: \"x\" is none of debug, info, warning, error or off\n"},
      {{"run", "--config", "/no/such.yaml"},
       "dispatcher: /no/such.yaml: can't be read: No such file or directory\n"},
  };
  for (const Case& c : cases) {
    const Outcome outcome = Execute(c.arguments);
    CHECK(outcome.code == 1);
    CHECK(outcome.err == c.err);
    CHECK(outcome.out == "");
  }
}

TEST_CASE("Every command of the overview has a help of its own") {
  const Outcome overview = Execute({"--help"});
  CHECK(overview.code == 0);
  for (const char* command : {"run", "explain", "plan", "release", "config", "version"}) {
    INFO(command);
    CHECK(overview.out.find("\n  " + std::string(command)) != std::string::npos);
    const Outcome help = Execute({command, "--help"});
    CHECK(help.code == 0);
    CHECK(help.out.find("usage: dispatcher " + std::string(command)) != std::string::npos);
    CHECK(help.err == "");
  }
  CHECK(Execute({"config", "--help"}).out.find("marathon.resync_interval") != std::string::npos);
}

TEST_CASE("help COMMAND is COMMAND --help") {
  CHECK(Execute({"help", "explain"}).out == Execute({"explain", "--help"}).out);
  CHECK(Execute({"help"}).out == Execute({"--help"}).out);
  CHECK(Execute({"help", "--help"}).out == Execute({"--help"}).out);
  const Outcome slip = Execute({"help", "explian"});
  CHECK(slip.code == 1);
  CHECK(slip.err == "dispatcher: explian is not a command: do you mean explain?\n");
}

TEST_CASE("config shows what is in force without its secrets") {
  const Outcome outcome =
      Execute({"config", "--set", "marathon.username=me"},
              {{"DISPATCHER_MARATHON__PASSWORD", "hunter2"}, {"DISPATCHER_BUILD", "x"}, {"HOME", "/root"}});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.find("username: \"me\"") != std::string::npos);
  CHECK(outcome.out.find("hunter2") == std::string::npos);
  CHECK(outcome.err == "dispatcher: DISPATCHER_BUILD is not a setting and was ignored\n");
  CHECK(Execute({"config"}, {{"DISPATCHER_CONFIG", "/no/such.yaml"}}).err ==
        "dispatcher: /no/such.yaml: can't be read: No such file or directory\n");
}

TEST_CASE("version has the form of a version") {
  const Outcome outcome = Execute({"version"});
  CHECK(outcome.code == 0);
  CHECK(outcome.out.starts_with("dispatcher "));
  CHECK(outcome.out.find('.') != std::string::npos);
  CHECK(Execute({"--version"}).out == outcome.out);
}

}  // namespace
}  // namespace dispatcher
