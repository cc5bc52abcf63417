// Completion, by the shell itself.
#include <fstream>

#include "tests/commands/execute.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"

namespace dispatcher {
namespace {

// What bash offers after these words; the last one is being written.
std::string Offered(const std::string& words) {
  const testing::TempDir dir;
  const Outcome printed = Execute({"completion", "bash"});
  std::ofstream(dir.path() + "/completion") << printed.out;
  const std::string script =
      "source " + dir.path() + "/completion; COMP_WORDS=(dispatcher " + words +
      "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _dispatcher; echo \"${COMPREPLY[*]}|end\"";
  std::ofstream(dir.path() + "/script") << script;
  const auto bash = testing::Process::Start({"/bin/bash", dir.path() + "/script"}).value();
  CHECK(bash->WaitForOutput("|end").message() == "");
  const std::string offered = bash->Output();
  return offered.substr(0, offered.find("|end"));
}

TEST_CASE("bash completes commands, options and their values") {
  CHECK(Offered("exp") == "explain");
  CHECK(Offered("re") == "release record replay");
  CHECK(Offered("plan --o") == "--output");
  CHECK(Offered("plan --output ''") == "text json");
  CHECK(Offered("plan --output j") == "json");
  CHECK(Offered("log") == "log-level");
  CHECK(Offered("log-level w") == "warning");
  CHECK(Offered("log-level --format j") == "json");
  CHECK(Offered("--dry") == "--dry-run");
  CHECK(Offered("release --adapter ''") == "");
  CHECK(Offered("plan --color ''") == "auto always never");
  CHECK(Offered("sync --adopt ''") == "scripts allegro owner:");
  CHECK(Offered("run --set marathon.u") == "marathon.urls= marathon.username=");
  CHECK(Offered("run --set adapters.kong.adm") == "adapters.kong.admin_token_file=");
  CHECK(Offered("run --set marathon.password") ==
        "marathon.password_file=");  // the secret itself is not taken
  CHECK(Offered("run --config /etc/host").find("/etc/hosts") != std::string::npos);
}

TEST_CASE("zsh is told the same values") {
  const std::string zsh = Execute({"completion", "zsh"}).out;
  for (const char* part :
       {":value:(auto always never)'", ":value:(scripts allegro owner\\:)'", ":value:(text json)'",
        ":setting: compadd -S \"\" -a keys'", "local -a keys=(owner= marathon.urls= "}) {
    INFO(part);
    CHECK(zsh.find(part) != std::string::npos);
  }
}

}  // namespace
}  // namespace dispatcher
