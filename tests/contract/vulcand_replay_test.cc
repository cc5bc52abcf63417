// Recorded exchanges of real Vulcands, put to the model.
#include <fstream>
#include <regex>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "tests/support/catch.h"
#include "tests/vulcand_model/model.h"

namespace dispatcher::testing {
namespace {

struct VulcandLeftOut {
  std::string_view scenario, note;  // parts of both
  std::string_view reason;
  bool whole = false;  // `note` is all of it
};

// All that is not compared. Exchanges with a TTL are not sent at all.
constexpr VulcandLeftOut kLeftOut[] = {
    {"", "null [no response", "Vulcand closes the connection, which the model can't"},
    {"invalid", " a number", "Go's texts for JSON of a wrong type"},
    {"invalid", " a string", "the same"},
    {"invalid", "JSON array", "the same"},
    {"invalid", "array of servers", "the same"},
    {"invalid", "settings of wrong type", "the same"},
    {"invalid", "duration", "the model keeps durations as they come"},
    {"invalid", " form", "it takes no forms, nor does the adapter send any"},
    {"invalid", "multipart", "the same"},
    {"invalid", "bad content type", "the same"},
    {"invalid", "failover predicate", "it knows no predicates"},
    {"backends/write", "TLS settings, bad", "it knows no TLS"},
    {"listeners", "https", "the same"},
    {"servers/delete", "list", "shows servers that an earlier scenario left, with a TTL", true},
    {"middlewares", "list", "what is in a middleware is taken as it comes", true},
    {"middlewares", "ratelimit", "the same"},
    {"middlewares", "rewrite", "the same"},
    {"middlewares", "cbreaker", "the same"},
    {"middlewares", "trace", "the same"},
    {"middlewares", "bad variable", "the same"},
    {"middlewares", "negative connections", "the same"},
    {"middlewares", "missing Middleware.Middleware", "the same"},
};

bool IsLeftOut(std::string_view scenario, std::string_view note) {
  for (const VulcandLeftOut& left : kLeftOut) {
    if (scenario.find(left.scenario) != std::string_view::npos &&
        (left.whole ? note == left.note : note.find(left.note) != std::string_view::npos)) {
      return true;
    }
  }
  return false;
}

// Equal for answers that say the same: indices of etcd v2 and Go's dumps aside.
std::string Meaning(const std::string& body) {
  const absl::StatusOr<JsonDocument> document = JsonDocument::Parse(body);
  std::string text = document.ok() ? document->root().Dump() : body;
  text = std::regex_replace(text, std::regex(" \\[[0-9]+\\]"), "");
  return text.substr(0, text.find("in use by"));
}

struct Recorded {
  std::string file;
  VulcandVersion version;
  int etcd_version;
};

TEST_CASE("the model of Vulcand answers as the recorded ones did") {
  for (const Recorded& c :
       {Recorded{"0.9.2", VulcandVersion::k092, 3}, Recorded{"0.9.2", VulcandVersion::k092, 2},
        Recorded{"2018", VulcandVersion::k2018, 3}, Recorded{"2018", VulcandVersion::k2018, 2}}) {
    VulcandModelOptions options;
    options.version = c.version;
    options.etcd_version = c.etcd_version;
    const auto model = *VulcandModel::Start(options);
    std::ifstream in(std::string(TEST_DATA) + "/vulcand/" + c.file + ".jsonl");
    int compared = 0;
    for (std::string line; std::getline(in, line);) {
      const auto exchange = JsonDocument::Parse(line);
      REQUIRE(exchange.ok());
      const JsonView request = exchange->root()["request"], response = exchange->root()["response"];
      const std::string scenario = exchange->root()["scenario"].StringOr("");
      const std::string note = exchange->root()["note"].StringOr("");
      const std::string body = request["body"].StringOr("");
      if (!scenario.starts_with("etcd" + std::to_string(c.etcd_version) + "/") ||
          body.find("\"TTL\":\"3s\"") != std::string::npos) {
        continue;
      }
      const HttpReply reply = model->Call(request["method"].StringOr(""), request["path"].StringOr(""), body);
      if (IsLeftOut(scenario, note)) {
        continue;
      }
      INFO(c.file << " " << exchange->root()["n"].IntOr(0) << " " << scenario << ": " << note);
      CHECK(reply.status == response["status"].IntOr(0));
      CHECK(Meaning(reply.body) == Meaning(response["body"].StringOr("")));
      ++compared;
    }
    CHECK(compared > 150);
  }
}

}  // namespace
}  // namespace dispatcher::testing
