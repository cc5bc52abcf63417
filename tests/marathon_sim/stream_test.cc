// The event stream's bytes and what befalls them.
#include <map>
#include <set>

#include "tests/marathon_sim/sim_client.h"

namespace dispatcher::sim {
namespace {

constexpr const char* kFiveTasks = R"({"id":"/a","cmd":"x","instances":5})";

// All event ids of the world in the order of the frames, by their data.
std::vector<EventPtr> Published(const TestSim& t) {
  const auto doc = JsonDocument::Parse(t.Get("/sim/events").body);
  std::vector<EventPtr> events;
  doc->root()["events"].ForEach([&](JsonView e) {
    auto event = std::make_shared<world::Event>();
    event->id = static_cast<uint64_t>(e["id"].IntOr(0));
    event->emitter = e["emitter"].StringOr("");
    event->type = e["type"].StringOr("");
    event->json = e["data"].Dump();
    events.push_back(event);
  });
  return events;
}
std::string Canonical(const std::string& json) { return JsonDocument::Parse(json)->root().Dump(); }

TEST_CASE("head, attachment, frames and heartbeats, byte for byte") {
  Options options = TestOptions();
  options.heartbeat_ms = 30;
  TestSim t(options);
  RawStream stream(t.port());
  REQUIRE(stream.WaitFor("\r\n\r\n\r\n\r\n"));  // frame's end, two heartbeats
  const std::string head = stream.bytes().substr(0, stream.bytes().find("\r\n\r\n"));
  CHECK(head.starts_with("HTTP/1.1 200 OK\r\n"));
  CHECK(head.find("Content-Type: text/event-stream;charset=utf-8") != std::string::npos);
  CHECK(head.find("Connection: close") != std::string::npos);
  CHECK(head.find("X-Marathon-Leader: http://" + t.sim->address()) != std::string::npos);
  CHECK(head.find("Content-Length") == std::string::npos);
  CHECK(head.find("Transfer-Encoding") == std::string::npos);
  const std::string body = stream.body();
  const std::string attached =
      "event: event_stream_attached\r\ndata: {\"remoteAddress\":\"127.0.0.1\",\"eventType\":"
      "\"event_stream_attached\",\"timestamp\":\"";
  CHECK(body.starts_with(attached));
  CHECK(body.substr(body.find("\"}") + 2).starts_with("\r\n\r\n\r\n\r\n"));
}

TEST_CASE("Accept must be exactly text/event-stream, in a header of its own") {
  TestSim t;
  for (const char* accept :
       {"", "Accept: */*\r\n", "Accept: text/event-stream, */*\r\n", "Accept: text/event-stream;q=1\r\n"}) {
    CAPTURE(accept);
    RawStream stream(t.port(), "", accept);
    CHECK(stream.WaitFor("HTTP/1.1 405"));
  }
  RawStream two(t.port(), "", "Accept: application/json\r\nAccept: text/event-stream\r\n");
  CHECK(two.WaitFor("event_stream_attached"));
}

TEST_CASE("event_type is honoured since 1.3.7, light plans since 1.6") {
  for (const char* profile : {"1.1", "1.4", "1.6", "1.8"}) {
    CAPTURE(profile);
    TestSim t(TestOptions(profile));
    RawStream stream(t.port(),
                     "?event_type=event_stream_attached&event_type=deployment_success&plan-format=light");
    REQUIRE(stream.WaitFor("event_stream_attached"));
    REQUIRE(t.Post("/v2/apps", kFiveTasks).status == 201);
    REQUIRE(stream.WaitFor("deployment_success"));
    const bool all = stream.bytes().find("deployment_info") != std::string::npos;
    CHECK(all == (std::string_view(profile) == "1.1"));
    const bool heavy = stream.bytes().find("\"target\"") != std::string::npos;
    CHECK(heavy == !world::Profile::Parse(profile)->Since(6));
  }
}

TEST_CASE("all events come, once and in order, without faults and with split writes") {
  TestSim t;
  if (GENERATE(false, true)) {
    REQUIRE(t.sim->SetFaults(R"({"split_writes":true})").ok());
  }
  RawStream stream(t.port());
  REQUIRE(stream.WaitFor("event_stream_attached"));
  REQUIRE(t.Post("/v2/apps", kFiveTasks).status == 201);
  REQUIRE(stream.WaitFor("event: deployment_success"));
  REQUIRE(testing::WaitFor([&] { return stream.frames().size() >= Published(t).size(); }));
  const auto frames = stream.frames();
  const auto published = Published(t);
  REQUIRE(frames.size() == published.size());
  for (size_t i = 0; i < frames.size(); ++i) {
    CHECK(Canonical(frames[i]) == published[i]->json);
  }
}

TEST_CASE("reordered, doubled and delayed events keep the order of each emitter") {
  TestSim t;
  REQUIRE(t.sim->SetFaults(R"({"reorder":8,"double_percent":30,"delay_ms":10})").ok());
  RawStream stream(t.port());
  REQUIRE(stream.WaitFor("event_stream_attached"));
  REQUIRE(t.Post("/v2/apps", kFiveTasks).status == 201);
  REQUIRE(t.WaitRunning(5));
  const auto published = Published(t);
  std::map<std::string, EventPtr> by_json;
  for (const EventPtr& event : published) {
    by_json[event->json] = event;
  }
  REQUIRE(testing::WaitFor([&] {
    std::set<std::string> seen;
    for (const std::string& frame : stream.frames()) {
      seen.insert(Canonical(frame));
    }
    return seen.size() == by_json.size();
  }));
  std::map<std::string, uint64_t> last;
  uint64_t highest = 0;
  bool doubled = false, reordered = false;
  for (const std::string& frame : stream.frames()) {
    const EventPtr event = by_json.at(Canonical(frame));
    CHECK(last[event->emitter] <= event->id);
    doubled = doubled || last[event->emitter] == event->id;
    reordered = reordered || event->id < highest;
    last[event->emitter] = event->id;
    highest = std::max(highest, event->id);
  }
  CHECK(doubled);
  CHECK(reordered);
}

TEST_CASE("dropped events are gone, but never one's own attachment") {
  TestSim t;
  REQUIRE(t.sim->SetFaults(R"({"drop_percent":100})").ok());
  RawStream stream(t.port());
  REQUIRE(stream.WaitFor("event_stream_attached"));
  REQUIRE(t.Post("/v2/apps", kFiveTasks).status == 201);
  REQUIRE(t.WaitRunning(5));
  REQUIRE(t.sim->SetFaults(R"({"reset":true,"drop_types":["status_update_event"]})").ok());
  REQUIRE(t.Call("PUT", "/v2/apps//a", R"({"instances":6})").status == 200);
  REQUIRE(stream.WaitFor("event: deployment_success"));
  CHECK(stream.bytes().find("status_update_event") == std::string::npos);
}

TEST_CASE("a stream is cut within a frame") {
  TestSim t;
  REQUIRE(t.sim->SetFaults(R"({"cut_after_events":3})").ok());
  RawStream stream(t.port());
  REQUIRE(stream.WaitFor("event_stream_attached"));
  t.Post("/v2/apps", kFiveTasks);
  REQUIRE(stream.WaitClosed());
  CHECK(stream.frames().size() == 2);
  CHECK(!stream.bytes().ends_with("\r\n\r\n"));
}

TEST_CASE("a stalled stream sends neither events nor heartbeats, and goes on afterwards") {
  Options options = TestOptions();
  options.heartbeat_ms = 10;
  TestSim t(options);
  RawStream stream(t.port());
  REQUIRE(stream.WaitFor("event_stream_attached"));
  REQUIRE(t.sim->SetFaults(R"({"stall":true})").ok());
  REQUIRE(t.Post("/v2/apps", kFiveTasks).status == 201);
  REQUIRE(t.WaitRunning(5));
  CHECK(stream.bytes().find("deployment_info") == std::string::npos);
  CHECK(!stream.closed());
  REQUIRE(t.sim->SetFaults(R"({"stall":false})").ok());
  CHECK(stream.WaitFor("deployment_success"));
}

TEST_CASE("overflow: silent up to 1.7, closing from 1.8 on") {
  for (const char* profile : {"1.4", "1.8"}) {
    CAPTURE(profile);
    TestSim t(TestOptions(profile));
    RawStream stream(t.port());
    REQUIRE(stream.WaitFor("event_stream_attached"));
    REQUIRE(t.sim->SetFaults(R"({"overflow":true})").ok());
    REQUIRE(t.Post("/v2/apps", kFiveTasks).status == 201);
    REQUIRE(t.WaitRunning(5));
    if (std::string_view(profile) == "1.8") {
      CHECK(stream.WaitClosed());
      continue;
    }
    REQUIRE(t.sim->SetFaults(R"({"overflow":false})").ok());
    REQUIRE(t.Call("PUT", "/v2/apps//a", R"({"instances":6})").status == 200);
    REQUIRE(stream.WaitFor("deployment_success"));
    CHECK(stream.bytes().find("StartApplication\",\"app\":\"/a\"}]},\"eventType") == std::string::npos);
  }
}

TEST_CASE("a client that does not read overflows the buffer by itself") {
  Options options = TestOptions();
  options.stream_buffer = 10;
  TestSim t(options);
  RawStream stream(t.port());
  REQUIRE(testing::WaitFor([&] { return t.sim->open_streams() == 1; }));
  const std::string label(100'000, 'x');  // api_post_event carries it
  for (int i = 0; i < 400 && t.sim->open_streams() == 1; ++i) {
    t.Post("/v2/apps", R"({"id":"/big)" + std::to_string(i) + R"(","cmd":"x","instances":0,"labels":{"l":")" +
                           label + "\"}}");
  }
  CHECK(testing::WaitFor([&] { return t.sim->open_streams() == 0; }));
}

TEST_CASE("refused: 200 and the end") {
  TestSim t;
  REQUIRE(t.sim->SetFaults(R"({"stream_refuse":true})").ok());
  RawStream stream(t.port());
  REQUIRE(stream.WaitClosed());
  CHECK(stream.bytes().starts_with("HTTP/1.1 200"));
  CHECK(stream.body().empty());
}

TEST_CASE("credentials: Basic, token, neither") {
  Options options = TestOptions();
  options.user = "bob:secret";
  options.token = "jwt";
  TestSim t(options);
  CHECK(t.Get("/v2/info").status == 401);
  CHECK(t.Call("GET", "/v2/info", "", {{"Authorization", "Basic Ym9iOnNlY3JldA=="}}).status == 200);
  CHECK(t.Call("GET", "/v2/info", "", {{"Authorization", "token=jwt"}}).status == 200);
  CHECK(t.Call("GET", "/v2/info", "", {{"Authorization", "token=other"}}).status == 401);
  CHECK(t.Get("/sim/state").status == 200);
  RawStream stream(t.port());
  CHECK(stream.WaitFor("HTTP/1.1 401"));
}

TEST_CASE("a standby redirects events from 1.8 on and proxies all else") {
  for (const char* profile : {"1.6", "1.8"}) {
    CAPTURE(profile);
    Options options = TestOptions(profile);
    options.standby_listen = "127.0.0.1:0";
    TestSim t(options);
    const int standby = static_cast<int>(*ParseInt(Split(t.sim->standby_address(), ':')[1]));
    RawStream stream(standby, "?event_type=x");
    if (std::string_view(profile) == "1.6") {
      CHECK(stream.WaitFor("X-Marathon-Via: 1.1 " + t.sim->standby_address()));
    } else {
      REQUIRE(stream.WaitFor("\r\n\r\n"));
      CHECK(stream.bytes().starts_with("HTTP/1.1 302"));
      CHECK(stream.bytes().find("Location: http://" + t.sim->address() + "/v2/events?event_type=x\r\n") !=
            std::string::npos);
    }
    const std::string info = testing::Exchange(standby, "GET /v2/info HTTP/1.1\r\nHost: x\r\n\r\n");
    CHECK(info.find("\"elected\":true") != std::string::npos);
    // The nodes change places.
    REQUIRE(t.Post("/sim/leader", R"({"down_ms":1})").status == 200);
    CHECK(testing::WaitFor(
        [&] { return t.Get("/v2/leader").body.find(t.sim->standby_address()) != std::string::npos; }));
  }
}

}  // namespace
}  // namespace dispatcher::sim
