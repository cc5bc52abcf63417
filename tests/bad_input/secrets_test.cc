// No secret ever: planted in every setting that can hold one, repeated by all whom they
// are sent to, they are in nothing that the program writes or answers.
#include <fstream>
#include <iterator>

#include "dispatcher/base/strings.h"
#include "tests/bad_input/stage.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"
#include "tests/support/process.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::seconds;

const std::string kProgram = std::string(BINARY_DIR) + "/dispatcher";

// Each is looked for by what all have in common, and as Basic writes the one that goes so.
const std::string kPlanted = "planted-";

std::string FoundIn(const std::string& text) {
  for (const std::string& secret : {kPlanted, Base64("me:" + kPlanted + "password").substr(0, 12)}) {
    if (const size_t at = text.find(secret); at != std::string::npos) {
      return text.substr(at < 200 ? 0 : at - 200, 400);
    }
  }
  return "";
}

// The settings with a secret each, in files and in the environment.
struct Planted {
  explicit Planted(bool marathon_by_token) {
    const auto file = [this](const std::string& name) {
      std::ofstream(dir.path() + "/" + name) << kPlanted << name << "\n";
      return dir.path() + "/" + name;
    };
    settings = {"adapters.kong.admin_token_file=" + file("admin-token"),
                "leader.token_file=" + file("leader-token"), "marathon.resync_interval=1s"};
    env = {{"DISPATCHER_ADAPTERS__CONSUL__TOKEN", kPlanted + "consul-token"},
           {"DISPATCHER_ADAPTERS__KONG__API_KEY", kPlanted + "api-key"},
           {"DISPATCHER_HTTP__TOKEN", kPlanted + "http-token"}};
    if (marathon_by_token) {
      settings.push_back("marathon.token_file=" + file("marathon-token"));
    } else {
      settings.emplace_back("marathon.username=me");
      settings.push_back("marathon.password_file=" + file("password"));
    }
  }
  TempDir dir;
  std::vector<std::string> settings;
  Environment env;
};

std::string OutputOf(std::vector<std::string> words, const std::vector<std::string>& settings,
                     const Environment& env) {
  words.insert(words.begin(), kProgram);
  for (const std::string& setting : settings) {
    words.insert(words.end(), {"--set", setting});
  }
  const auto process = Process::Start(words, {.env = env, .directory = ""}).value();
  CHECK(process->Wait(seconds(20)).has_value());
  return process->Output();
}

// All that is said of it, by itself and by the commands; a page a word.
std::map<std::string, std::string> Everything(Dispatcher& dispatcher, const Planted& planted,
                                              const std::vector<std::string>& settings) {
  std::map<std::string, std::string> said;
  for (const char* const path :
       {"/", "/healthz", "/readyz", "/metrics", "/openapi.json", "/v1/status", "/v1/apps", "/v1/apps/good",
        "/v1/services", "/v1/adapters", "/v1/plan", "/v1/decisions", "/v1/log", "/nothing"}) {
    const HttpResponse answer = dispatcher.Call("GET", path);
    said[path] = answer.body;
    for (const auto& [name, value] : answer.headers) {
      said[path].append(name).append(value);
    }
  }
  said["release"] = dispatcher.Call("POST", "/v1/release", "wrong").body +
                    dispatcher.Call("POST", "/v1/release", kPlanted + "http-token").body;
  const std::string url = "http://" + dispatcher.address();
  for (const std::vector<std::string>& words : std::vector<std::vector<std::string>>{
           {"explain"}, {"explain", "/good"}, {"plan"}, {"log-level", "debug"}, {"release"}}) {
    std::vector<std::string> with_url = words;
    with_url.insert(with_url.end(), {"--url", url});
    std::string& page = said["dispatcher " + words[0]];
    page += OutputOf(with_url, settings, planted.env) + "\n";
  }
  said["dispatcher config"] = OutputOf({"config"}, settings, planted.env);
  const std::string file = planted.dir.path() + "/record.jsonl";
  said["dispatcher record"] = OutputOf({"record", file, "--for", "2s"}, settings, planted.env);
  std::ifstream recording(file);
  said["the recording"] = std::string(std::istreambuf_iterator<char>(recording), {});
  said["dispatcher sync"] = OutputOf({"sync", "--timeout", "2s"}, settings, planted.env);
  said["the log"] = dispatcher.Log();
  return said;
}

// Repeats all that it was asked, with its headers, as words and in headers of its own.
BadAnswer Repeats(int status, bool as_json) {
  return [=](RawConnection& connection, const std::string& request) {
    std::string secrets;
    for (const std::string_view line : Split(request, '\n')) {
      const std::string_view name = line.substr(0, line.find(':'));
      if (EqualsIgnoreCase(name, "Authorization") || Lower(name).ends_with("token") ||
          EqualsIgnoreCase(name, "apikey")) {
        secrets.append(Trim(line.substr(line.find(':') + 1))).append(" ");
      }
    }
    const std::string word(Trim(secrets));
    const std::string body =
        as_json ? R"({"message":"refused: )" + word + R"(","error":")" + word + "\"}" : "refused: " + word;
    return connection.Write("HTTP/1.1 " + std::to_string(status) + " " + word.substr(0, 100) +
                            "\r\nContent-Type: " + (as_json ? "application/json" : "text/" + word) +
                            "\r\nLocation: http://" + word + "/" + word + "/v2/events?" + word +
                            "\r\nX-Marathon-Leader: http://" + word +
                            "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
  };
}

void CheckNoneIn(const std::map<std::string, std::string>& said) {
  for (const auto& [where, text] : said) {
    INFO(where);
    CHECK(FoundIn(text) == "");
    CHECK_FALSE(text.empty());
  }
}

TEST_CASE("no secret comes out again, whatever those repeat whom it was sent to") {
  struct Case {
    const char* name;
    int status;
    bool as_json, marathon_too, by_token;
  };
  for (const Case& c : {Case{"registries in words", 500, false, false, false},
                        Case{"registries in JSON", 403, true, false, true},
                        Case{"registries and Marathon refuse", 401, true, true, false},
                        Case{"registries and Marathon fail", 500, true, true, true},
                        Case{"all send elsewhere", 302, false, true, false},
                        Case{"all say what is none of it", 200, false, true, true}}) {
    INFO(c.name);
    BadMarathon marathon;
    marathon.SetApps({AppJson("/good", R"("labels":{"dispatcher.hosts":"good.test"},)")});
    if (c.marathon_too) {
      for (const char* const path :
           {"/v2/info", "/v2/pods/", "/v2/pods/::status", "/v2/apps?", "/v2/events"}) {
        marathon.On(path, Repeats(c.status, c.as_json));
      }
    }
    BadServer registries;
    registries.On("/", Repeats(c.status, c.as_json));
    const Planted planted(c.by_token);
    std::vector<std::string> settings = planted.settings;
    settings.insert(settings.end(),
                    {"marathon.urls=" + marathon.url(), "adapters.consul.url=" + registries.url(),
                     "adapters.kong.url=" + registries.url(), "adapters.vulcand.url=" + registries.url(),
                     "leader.consul_url=" + registries.url()});
    Dispatcher dispatcher(settings, "", "", planted.env);
    CHECK(WaitFor([&] { return registries.Asked("/v1/") > 3; }, seconds(20)));
    // They were repeated, and hidden; in what is no error there is nothing to hide.
    CHECK(
        (c.status == 200 ||
         WaitFor([&] { return dispatcher.Adapters().find("(hidden)") != std::string::npos; }, seconds(20))));
    CheckNoneIn(Everything(dispatcher, planted, settings));
    CHECK(dispatcher.Running());
  }
}

TEST_CASE("no secret comes out again where a registry refuses writes alone") {
  FakeConsul consul;
  consul.FailWrites(1'000'000, 500, "not with " + kPlanted + "consul-token");
  BadMarathon marathon;
  marathon.SetApps({AppJson("/good")});
  const Planted planted(true);
  std::vector<std::string> settings;
  for (const std::string& setting : planted.settings) {
    if (setting.starts_with("marathon.")) {
      settings.push_back(setting);
    }
  }
  settings.insert(settings.end(), {"marathon.urls=" + marathon.url(), "adapters.consul.url=" + consul.url()});
  const Environment env = {planted.env[0], planted.env[2]};
  Dispatcher dispatcher(settings, "", "", env);
  CHECK(WaitFor([&] { return dispatcher.Adapters().find("not with (hidden)") != std::string::npos; },
                seconds(20)));
  CHECK(WaitFor([&] { return dispatcher.Log().find("not with (hidden)") != std::string::npos; }));
  Planted without_kong(true);
  without_kong.env = env;
  CheckNoneIn(Everything(dispatcher, without_kong, settings));
}

TEST_CASE("settings that are wrong are told without the secrets in them") {
  const TempDir dir;
  const auto file = [&](const std::string& text) {
    std::ofstream(dir.path() + "/dispatcher.yaml") << text;
    return dir.path() + "/dispatcher.yaml";
  };
  const std::string secret = kPlanted + "x";
  for (const std::string key : {"marathon.password", "marathon.token", "marathon.pasword", "http.token",
                                "leader.token", "adapters.consul.token", "adapters.kong.admin_token",
                                "adapters.kong.api_key", "adapters.kong.tokn"}) {
    INFO(key);
    const std::string said = OutputOf({"run"}, {key + "=" + secret}, {});
    CHECK(FoundIn(said) == "");
    CHECK(said.starts_with("dispatcher: "));
    const std::string section = key.substr(0, key.rfind('.'));
    const std::string leaf = key.substr(key.rfind('.') + 1) + ": " + secret;
    const std::string yaml = section.starts_with("adapters.")
                                 ? "adapters: {" + section.substr(9) + ": {" + leaf + "}}\n"
                                 : section + ": {" + leaf + "}\n";
    for (const std::string& text :
         {yaml, yaml.substr(0, yaml.find('}')), section + "\n  " + leaf, "- " + leaf}) {
      INFO(text);
      const std::string from_file = OutputOf({"run", "--config", file(text)}, {}, {});
      CHECK(FoundIn(from_file) == "");
      CHECK(from_file.starts_with("dispatcher: "));
    }
  }
  for (const char* const key :
       {"marathon.urls", "adapters.consul.url", "adapters.consul.agent_url", "adapters.kong.router_url",
        "adapters.vulcand.etcd_url", "leader.consul_url"}) {
    INFO(key);
    const std::string said = OutputOf({"run"}, {std::string(key) + "=http://me:" + secret + "@{host}:1"}, {});
    CHECK(FoundIn(said) == "");
    CHECK(said.starts_with("dispatcher: "));
  }
  CHECK(FoundIn(OutputOf({"config"}, {}, {{"DISPATCHER_MARATHON__PASWORD", secret}})) == "");
  CHECK(FoundIn(OutputOf({"plan", "--url", "http://me:" + secret + "@127.0.0.1:1"}, {}, {})) == "");
}

}  // namespace
}  // namespace dispatcher::testing
