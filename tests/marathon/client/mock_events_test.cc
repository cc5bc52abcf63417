// A source of events that was not written here: what the npm package
// marathon-event-bus-mock 0.1.3 has as examples (tests/data/marathon/README.md),
// over HTTP as that package serves them.
#include <charconv>

#include "dispatcher/marathon/client/event_stream.h"
#include "dispatcher/marathon/codec/event.h"
#include "tests/marathon/client/fake_marathon.h"
#include "tests/marathon/codec/files.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using namespace testing;  // NOLINT: the fake's words

using Ignored = std::map<std::string, uint64_t>;

constexpr size_t kEvents = 17;
// What the package says to each new listener, before all events.
constexpr const char* kGreeting = "event: connectionId\ndata: \"0f1e2d3c4b5a69788796a5b4c3d2e1f0\"\n\n";

struct Bus {
  std::string frames;
  std::vector<std::string> types;  // of the events
  size_t observations = 0;         // that the codec makes of them
};

Bus BusOf(const std::string& file) {
  Bus bus;
  for (const std::string& line : Lines(ReadWhole(std::string(TEST_DATA) + "/marathon/events/" + file))) {
    const auto event = DecodeEvent(line);
    INFO(line << " " << Text(event.status()));
    REQUIRE(event.ok());
    CHECK(event->known);
    CHECK(event->unknown_fields.empty());
    bus.types.push_back(event->type);
    bus.observations += event->observations.size();
    bus.frames.append("event: ").append(event->type).append("\ndata: ").append(line).append("\n\n");
  }
  return bus;
}

// As Node's HTTP server writes: chunks, which here fall anywhere in the frames.
void WriteInChunks(RawConnection& connection, const std::string& bytes) {
  constexpr size_t chunk_size = 1000;
  for (size_t at = 0; at < bytes.size(); at += chunk_size) {
    const std::string chunk = bytes.substr(at, chunk_size);
    char size[16];
    const auto end = std::to_chars(std::begin(size), std::end(size), chunk.size(), 16).ptr;
    connection.Write(std::string(size, end) + "\r\n" + chunk + "\r\n");
  }
}

// What a stream made of `bytes`, once it has seen `frames` of them.
struct Heard {
  StreamCounters counters;
  size_t attached = 0;
  size_t gaps = 0;
  size_t others = 0;
};

Heard Hear(const std::string& bytes, size_t frames) {
  FakeMarathon marathon([&](RawConnection& connection, const std::string&) {
    connection.Write(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
        "Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n");
    WriteInChunks(connection, ":ok\n\n" + bytes);
    connection.WaitForClose();
    return false;
  });
  Heard heard;  // the stream's thread's alone until Stop
  EventStream stream(NodesFor({marathon.url()}), {}, SystemClock(), [&](std::vector<Observation> seen, Mono) {
    for (const Observation& observation : seen) {
      const bool attached = std::holds_alternative<StreamAttached>(observation);
      const bool gap = std::holds_alternative<StreamGap>(observation);
      ++(attached ? heard.attached : gap ? heard.gaps : heard.others);
    }
  });
  stream.Start();
  WaitFor([&] { return stream.Counters().frames >= frames; });
  const StreamCounters counters = stream.Counters();
  stream.Stop();
  heard.counters = counters;
  return heard;
}

TEST_CASE("the example events of marathon-event-bus-mock are consumed whole") {
  const std::string file = GENERATE("mock-1.4.jsonl", "mock-legacy.jsonl");
  const Bus bus = BusOf(file);
  CAPTURE(file);
  REQUIRE(bus.types.size() == kEvents);
  const Heard heard = Hear(bus.frames, kEvents);
  CHECK(heard.counters.frames == kEvents);
  CHECK(heard.counters.failures == 0);
  CHECK(heard.counters.gaps == 0);
  CHECK(heard.attached == 1);
  CHECK(heard.gaps == 0);
  CHECK(heard.others == bus.observations);
  CHECK(heard.counters.ignored ==
        Ignored{{"framework_message_event", 1}, {"subscribe_event", 1}, {"unsubscribe_event", 1}});
}

TEST_CASE("the greeting of marathon-event-bus-mock, which is no event, is one gap and no more") {
  const Bus bus = BusOf("mock-1.4.jsonl");
  const Heard heard = Hear(kGreeting + bus.frames, kEvents + 1);
  CHECK(heard.counters.frames == kEvents + 1);
  CHECK(heard.counters.failures == 0);
  CHECK(heard.gaps == 1);
  CHECK(heard.others == bus.observations);
}

}  // namespace
}  // namespace dispatcher
