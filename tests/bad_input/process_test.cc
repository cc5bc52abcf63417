// What the process as a whole makes of a Marathon or a registry that means it harm: the
// other apps and registries go on, what is wrong is said, and memory stays within
// bounds. See README.md for the tests of the parts.
#include <iostream>

#include "tests/bad_input/stage.h"
#include "tests/support/catch.h"
#include "tests/support/fake_consul.h"
#include "tests/support/sanitized.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::seconds;

constexpr size_t kMiB = 1u << 20;
// What nobody cuts off ends here. Under ASan the same bytes take many times as long.
constexpr size_t kFlood = kSanitized ? 400 * kMiB : 1024 * kMiB;

// ASan keeps what was freed for a while, and has shadows of everything.
int Bound(int mib) { return kSanitized ? 8 * mib + 1000 : mib; }

bool InConsul(const FakeConsul& consul, const std::string& app) {
  return consul.HasService("dispatcher-10-0-0-1", "dispatcher:" + app + ".instance-1.1:0~");
}

void Figure(const char* what, const Dispatcher& dispatcher, const std::string& more = "") {
  std::cout << "figure: " << what << ": peak memory " << PeakMiB(dispatcher.pid()) << " MiB" << more
            << std::endl;
}

std::string TakenOf(const Flood& flood) {
  MutexLock lock(flood.mutex);
  return ", " + std::to_string(flood.taken / kMiB) + " MiB of " + std::to_string(flood.most / kMiB) +
         " taken";
}

bool WasOver(const Flood& flood) {
  MutexLock lock(flood.mutex);
  return flood.cut + flood.whole > 0;
}

// The flood was cut off each time, at the latest after `mib` and what sockets hold.
void CheckCut(const Flood& flood, size_t mib) {
  MutexLock lock(flood.mutex);
  CHECK(flood.cut > 0);
  CHECK(flood.whole == 0);
  CHECK(flood.taken <= (mib + 16) * kMiB);
}

TEST_CASE("apps that can't be read cost themselves, and are named with the reason") {
  std::string labels, ports;
  for (int i = 0; i < 10'000; ++i) {
    labels.append("\"label-" + std::to_string(i) + "\":\"tag\",");
    ports.append("{},");
  }
  struct Case {
    const char* name;
    std::string further;  // of the app's JSON
    const char* says;     // why it can't be read; "": it can
  };
  const Case cases[] = {
      {"ports of words", R"("ports":["x"],)", ": ports holds something that is not a port"},
      {"a label of 10 MB", R"("labels":{"consul":")" + std::string(10 * kMiB, 'x') + "\"},",
       "it is larger than 4194304 bytes"},
      {"10,000 labels", R"("labels":{)" + labels + R"("dispatcher.hosts":"a\r\nb"},)", ""},
      {"10,000 ports", R"("container":{"portMappings":[)" + ports + "{}]},",
       "portMappings are more than 1000"},
      {"invalid UTF-8", "\"labels\":{\"x\":\"\xff\xfe\"},", "not JSON at byte"},
      {"NUL", std::string("\"labels\":{\"x\":\"a") + '\0' + "b\"},", "not JSON at byte"},
      {"10,000 checks", R"("healthChecks":[)" + ports + "{}],", "healthChecks are more than 1000"},
      {"an id twice", R"("id":7,)", "id is not a string"},
  };
  FakeConsul consul;
  BadMarathon marathon;
  std::vector<std::string> apps = {AppJson("/good"), AppJson("/other", "", 31001)};
  for (const Case& c : cases) {
    const std::string number = std::to_string(apps.size());
    apps.push_back(AppJson("/bad" + number, c.further, 31001 + std::stoi(number)));
  }
  marathon.SetApps(apps);
  Dispatcher dispatcher(SettingsFor(marathon, {"adapters.consul.url=" + consul.url()}));
  CHECK(WaitFor([&] { return InConsul(consul, "good") && InConsul(consul, "other"); }, seconds(20)));
  int number = 2;
  for (const Case& c : cases) {
    INFO(c.name);
    const std::string id = "bad" + std::to_string(number++);
    if (std::string_view(c.says).empty()) {
      CHECK(WaitFor([&] { return InConsul(consul, id); }));
      CHECK(WaitFor([&] {
        return dispatcher.Explain("/" + id).find(R"(dispatcher.hosts = \"a\r\nb\" is left out)") !=
               std::string::npos;
      }));
    } else {
      std::string state;
      CHECK(WaitFor([&] {
        state = dispatcher.Explain("/" + id);
        return state.find("Marathon's answer for it can't be decoded") != std::string::npos &&
               state.find(c.says) != std::string::npos;
      }));
      INFO(state.substr(0, 2000));
      CHECK_FALSE(InConsul(consul, id));
    }
    CHECK(WaitFor([&] { return dispatcher.Log().find(c.says) != std::string::npos; }));
  }
  CHECK(WaitFor([&] { return dispatcher.Ready().Mentions("could not be decoded"); }));

  CHECK(PeakMiB(dispatcher.pid()) < Bound(80));
  Figure("bad apps, 10 MB in a label", dispatcher);
}

TEST_CASE("an answer in which no app can be told from the next one costs the read, and no more") {
  FakeConsul consul;
  BadMarathon marathon;
  const std::string apps[] = {AppJson("/good"), AppJson("/other", "", 31001)};
  marathon.SetApps({apps[0], apps[1]});
  Dispatcher dispatcher(SettingsFor(marathon, {"adapters.consul.url=" + consul.url()}));
  CHECK(WaitFor([&] { return InConsul(consul, "good") && InConsul(consul, "other"); }, seconds(20)));
  marathon.SetApps(
      {apps[0], R"({"id":"/deep","x":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}"});
  CHECK(WaitFor([&] { return dispatcher.Ready().Mentions("nested too deep"); }));
  // The good ones come and stay as ever.
  marathon.SetApps({apps[0], apps[1], AppJson("/late", "", 32000)});
  CHECK(WaitFor([&] { return InConsul(consul, "late"); }, seconds(20)));
  CHECK(InConsul(consul, "good"));
  CHECK(InConsul(consul, "other"));
  CHECK(PeakMiB(dispatcher.pid()) < Bound(60));
  Figure("100,000 levels", dispatcher);
}

std::string Repeated(std::string_view text, size_t bytes) {
  std::string all;
  for (all.reserve(bytes + text.size()); all.size() < bytes;) {
    all.append(text);
  }
  return all;
}

template <typename Make>
std::string Counted(size_t bytes, Make make) {
  std::string all;
  for (int i = 0; all.size() < bytes; ++i) {
    all.append(make(std::to_string(i)));
  }
  return all;
}

struct FloodCase {
  const char* name;
  const char* path;
  std::string head, piece;
  size_t most;       // MiB that are sent if nobody cuts it off
  size_t cut_after;  // MiB; 0: it is let pass
  int peak;          // MiB
  const char* says;  // in /readyz
};

TEST_CASE("a gigabyte from Marathon is cut off or let pass, wherever it comes from") {
  const std::string json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  const std::string events = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
  const std::string x(kMiB, 'x');
  const char* const too_long = "the answer has more than 268435456 bytes";
  const char* const too_many = "the answer has more than 200000 apps";
  const FloodCase cases[] = {
      {"an app without end", "/v2/apps?", json + "\r\n{\"apps\":[{\"id\":\"", x, kFlood, 256, 80, too_long},
      {"a false length", "/v2/apps?", json + "Content-Length: 99999999999\r\n\r\n{\"apps\":[\"", x, kFlood,
       256, 80, too_long},
      {"chunks", "/v2/apps?", json + "Transfer-Encoding: chunked\r\n\r\n",
       "100000\r\n" + std::string(kMiB, ' ') + "\r\n", kFlood, 256, 80, too_long},
      {"elements that are none", "/v2/apps?", json + "\r\n{\"apps\":[", Repeated("0,", kMiB), kFlood, 2, 80,
       too_many},
      {"pods that are none", "/v2/pods/::status", json + "\r\n[", Repeated("0,", kMiB), kFlood, 2, 80,
       too_many},
      {"a version without end", "/v2/info", json + "\r\n{\"version\":\"", x, kFlood, 16, 120, ""},
      {"headers without end", "/v2/apps?", "HTTP/1.1 200 OK\r\nX: ", x, kFlood, 0, 60,
       "65536 bytes of headers"},
      {"100,000 headers", "/v2/apps?", "HTTP/1.1 200 OK\r\n",
       Counted(2 * kMiB, [](const std::string& i) { return "X-" + i + ": y\r\n"; }), kFlood, 2, 60,
       "65536 bytes of headers"},
      {"a status line without end", "/v2/apps?", "HTTP/1.1 200 ", x, kFlood, 1, 60,
       "1024 bytes of status line"},
      {"chunk sizes without end", "/v2/apps?", json + "Transfer-Encoding: chunked\r\n\r\n1;", x, kFlood, 1,
       60, "65536 bytes of chunk sizes"},
      {"a stream's headers without end", "/v2/events", "HTTP/1.1 200 OK\r\nX: ", x, kFlood, 1, 60,
       "65536 bytes of headers"},
      {"a line of the stream without end", "/v2/events", events + "data: ", x, kFlood, 0, 260, ""},
      {"types of events of a MiB", "/v2/events", events, "data: {\"eventType\":\"" + x + "\"}\n\n", 100, 0,
       100, ""},
      {"an event of 20 million values", "/v2/events", events,
       "data: [" + Repeated("0,", 40 * kMiB) + "0]\n\n", 50, 0, 700, ""},
      {"apps of tiny tasks", "/v2/apps?", json + "\r\n{\"apps\":[",
       Counted(6 * kMiB,
               [](const std::string& app) {
                 return R"({"id":"/a)" + app + R"(","tasks":[)" +
                        Counted(
                            kMiB,
                            [&](const std::string& i) { return R"({"id":"a)" + app + "." + i + "\"},"; }) +
                        R"({"id":"z"}]},)";
               }),
       kFlood, 64, 1200, "the answer has more than 200000 tasks"},
      {"tiny apps", "/v2/apps?", json + "\r\n{\"apps\":[",
       Counted(8 * kMiB, [](const std::string& i) { return R"({"id":"/a)" + i + "\"},"; }), kFlood, 8, 500,
       too_many},
  };
  for (const FloodCase& c : cases) {
    INFO(c.name);
    BadMarathon marathon;
    const auto flood = MakeFlood(c.head, c.piece, c.most > 1000 ? c.most : c.most * kMiB);
    marathon.On(c.path, Floods(flood));
    Dispatcher dispatcher(SettingsFor(marathon, {}));
    CHECK(WaitFor([&] { return WasOver(*flood); }, seconds(60)));
    CHECK((std::string_view(c.says).empty() ||
           WaitFor([&] { return dispatcher.Ready().Mentions(c.says); }, seconds(60))));
    INFO(dispatcher.Ready().body);
    CHECK(dispatcher.Running());
    if (c.cut_after > 0) {
      CheckCut(*flood, c.cut_after);
    }
    CHECK(PeakMiB(dispatcher.pid()) < Bound(c.peak));
    Figure(c.name, dispatcher, TakenOf(*flood));
  }
}

TEST_CASE("a gigabyte from a registry is cut off, and the other registries are written to") {
  const std::string json = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
  const std::string values = Repeated("0,", kMiB);
  struct Case {
    const char* name;
    std::string consul, vulcand, kong, piece;
    size_t cut_after;
    int peak;
    const char* says;
  };
  const std::string x(kMiB, 'x');
  const Case cases[] = {
      {"bodies without length", json + "\r\n[\"", json + "\r\n{\"Listeners\":[\"",
       json + "\r\n{\"version\":\"", x, 64, 600, "bytes or more, allowed are 67108864"},
      {"bodies of a false length", json + "Content-Length: 1099511627776\r\n\r\n[",
       json + "Content-Length: 1099511627776\r\n\r\n{", json + "Content-Length: 1099511627776\r\n\r\n{", x, 1,
       60, "answer of 1099511627776 bytes or more, allowed are 67108864"},
      {"headers without end", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nX: ", "HTTP/1.1 200 OK\r\nX: ", x,
       1, 60, "65536 bytes of headers"},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    FakeConsul sound;
    BadMarathon marathon;
    marathon.SetApps({AppJson("/good", R"("labels":{"dispatcher.hosts":"good.test"},)")});
    BadServer registries[3];
    std::vector<std::shared_ptr<Flood>> floods;
    for (const auto& [server, head] :
         {std::pair(&registries[0], c.consul), std::pair(&registries[1], c.vulcand),
          std::pair(&registries[2], c.kong)}) {
      floods.push_back(MakeFlood(head, c.piece, kFlood));
      server->On("/", Floods(floods.back()));
    }
    Dispatcher dispatcher(SettingsFor(
        marathon, {"adapters.consul.url=" + registries[0].url(),
                   "adapters.vulcand.url=" + registries[1].url(), "adapters.kong.url=" + registries[2].url(),
                   "adapters.sound.type=consul", "adapters.sound.url=" + sound.url()}));
    CHECK(WaitFor([&] { return InConsul(sound, "good"); }, seconds(30)));
    for (const auto& flood : floods) {
      CHECK(WaitFor([&] { return WasOver(*flood); }, seconds(60)));
      CheckCut(*flood, c.cut_after);
    }
    CHECK(WaitFor([&] {
      const std::string body = dispatcher.Ready().body;
      size_t told = 0;
      for (size_t at = 0; (at = body.find(c.says, at)) != std::string::npos; ++at) {
        ++told;
      }
      return told >= 3;
    }));
    INFO(dispatcher.Ready().body);
    CHECK(dispatcher.Ready().ok());
    CHECK(PeakMiB(dispatcher.pid()) < Bound(c.peak));
    Figure((std::string("three registries: ") + c.name).c_str(), dispatcher, TakenOf(*floods[0]));
  }
}

}  // namespace
}  // namespace dispatcher::testing
