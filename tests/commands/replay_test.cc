#include <fstream>
#include <sstream>

#include "tests/commands/execute.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"

namespace dispatcher {
namespace {

constexpr const char* kRecording = TEST_DATA "/recordings/scale-and-failure.jsonl";

TEST_CASE("a recording from earlier replays to the decisions of then") {
  const Outcome replayed = Execute({"replay", kRecording});
  CHECK(replayed.err == "");
  CHECK(replayed.code == 0);
  CHECK(replayed.out.find("Running -> Serving: it runs and is healthy") != std::string::npos);
  CHECK(replayed.out.find("-> Gone: ") != std::string::npos);
  CHECK(replayed.out.find("\nIn the end, after ") != std::string::npos);

  const Outcome json = Execute({"replay", kRecording, "--output", "json"});
  CHECK(json.code == 0);
  CHECK(json.out.find(R"("kind":"phase","app":"/web","task":"web.)") != std::string::npos);
}

TEST_CASE("a replay that decides otherwise says where, and exits with 2") {
  std::stringstream recorded;
  recorded << std::ifstream(kRecording).rdbuf();
  std::string text = recorded.str();
  const std::string decided = "Running -> Serving", other = "Running -> Resting";
  text.replace(text.find(decided), decided.size(), other);
  const testing::TempDir dir;
  std::ofstream(dir.path() + "/other") << text;
  const Outcome replayed = Execute({"replay", dir.path() + "/other"});
  CHECK(replayed.code == 2);
  CHECK(replayed.err.find("other decisions than version 0.1.0 recorded: seq ") != std::string::npos);
  CHECK(replayed.err.find("Resting") != std::string::npos);
}

TEST_CASE("what can't be recorded or replayed is an error that names the file") {
  CHECK(Execute({"replay", "/no/where"}).err == "dispatcher: /no/where can't be read, or is empty\n");
  const testing::TempDir dir;
  const std::string file = dir.path() + "/file";
  std::ofstream(file) << "{}\n";
  const Outcome odd = Execute({"replay", file});
  CHECK(odd.code == 1);
  CHECK(odd.err.find(file + ": line 1: this is no recording") != std::string::npos);
  const Outcome taken = Execute({"record", file});
  CHECK(taken.code == 1);
  CHECK(taken.err == "dispatcher: " + file + " is there already: name a new file\n");
  CHECK(Execute({"record", dir.path() + "/new", "--for", "soon"}).err.find("--for") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher
