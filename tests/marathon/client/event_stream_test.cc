#include "dispatcher/marathon/client/event_stream.h"

#include <atomic>
#include <filesystem>
#include <fstream>

#include "tests/marathon/client/fake_marathon.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher {
namespace {

using namespace testing;  // NOLINT: the fake's words
using namespace std::chrono_literals;

// Everything one EventStream delivered, in words.
class Listener {
 public:
  explicit Listener(std::shared_ptr<Nodes> nodes, Duration stall = 5s, size_t max_frame = 1 << 20) {
    EventStreamOptions options;
    options.stall_timeout = stall;
    options.backoff = {1ms, 5ms, 2.0};
    options.max_frame = max_frame;
    stream_ = std::make_unique<EventStream>(std::move(nodes), options, SystemClock(),
                                            [this](std::vector<Observation> seen, Mono) { Keep(seen); });
    stream_->Start();
  }

  std::vector<std::string> seen() const {
    MutexLock lock(mutex_);
    return seen_;
  }
  // Waits until at least `count` observations have come.
  std::vector<std::string> Await(size_t count) const {
    WaitFor([&] { return seen().size() >= count; });
    return seen();
  }
  EventStream& stream() { return *stream_; }

 private:
  void Keep(const std::vector<Observation>& observations) {
    MutexLock lock(mutex_);
    for (const Observation& observation : observations) {
      if (const auto* attached = std::get_if<StreamAttached>(&observation)) {
        seen_.push_back("attached " + attached->leader);
      } else if (std::holds_alternative<StreamLost>(observation)) {
        seen_.emplace_back("lost");
      } else if (std::holds_alternative<StreamGap>(observation)) {
        seen_.emplace_back("gap");
      } else if (const auto* update = std::get_if<TaskUpdate>(&observation)) {
        seen_.push_back(update->word + " " + update->task);
      } else {
        seen_.emplace_back("other");
      }
    }
  }

  mutable Mutex mutex_;
  std::vector<std::string> seen_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<EventStream> stream_;  // last: stops before the rest goes
};

// A file with a secret that is gone with the test.
class SecretFile {
 public:
  SecretFile() : path_(std::filesystem::temp_directory_path() / ("secret-" + std::to_string(::getpid()))) {}
  ~SecretFile() { std::filesystem::remove(path_); }
  void Write(const std::string& text) const { std::ofstream(path_) << text; }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// Holds a stream open until the client goes.
bool Hold(RawConnection& connection, std::string_view bytes) {
  connection.Write(bytes);
  connection.WaitForClose();
  return false;
}

TEST_CASE("the request is what Jetty wants, and the stream's first event proves it") {
  FakeMarathon marathon([](RawConnection& c, const std::string&) {
    return Hold(c, StreamHead("X-Marathon-Leader: http://m2:8080\r\n") + "\r\n" + AttachedFrame() +
                       RunningFrame("/web", "web.1", 31000));
  });
  Listener listener(NodesFor({marathon.url()}));
  CHECK(listener.Await(2) == std::vector<std::string>{"attached m2:8080", "TASK_RUNNING web.1"});
  const std::string request = marathon.requests().front();
  CHECK(request.starts_with("GET /v2/events?plan-format=light&event_type="));
  CHECK(request.find("&event_type=event_stream_attached") != std::string::npos);
  CHECK(request.find("&event_type=status_update_event") != std::string::npos);
  CHECK(request.find("\r\nAccept: text/event-stream\r\n") != std::string::npos);
  CHECK(request.find("\r\nAccept: ") == request.rfind("\r\nAccept: "));
  const StreamCounters counters = listener.stream().Counters();
  CHECK(counters.attached);
  CHECK(counters.connects == 1);
  CHECK(counters.frames == 2);
  CHECK(counters.leader == "m2:8080");
  CHECK(counters.last_byte.has_value());
}

TEST_CASE("without a leader in the head it is who answered") {
  FakeMarathon marathon(
      [](RawConnection& c, const std::string&) { return Hold(c, StreamHead() + AttachedFrame()); });
  Listener listener(NodesFor({marathon.url()}));
  CHECK(listener.Await(1).front() == "attached " + marathon.authority());
}

TEST_CASE("irregularity 47: frames cut anywhere are whole events, other clients' attaches say nothing") {
  FakeMarathon marathon([](RawConnection& c, const std::string&) {
    const std::string bytes = StreamHead() + AttachedFrame() + AttachedFrame() +
                              RunningFrame("/a", "a.1", 1) + "\r\n" + RunningFrame("/a", "a.2", 2);
    for (const char byte : bytes) {
      c.Write(std::string_view(&byte, 1));
    }
    return Hold(c, "");
  });
  Listener listener(NodesFor({marathon.url()}));
  CHECK(listener.Await(3) ==
        std::vector<std::string>{"attached " + marathon.authority(), "TASK_RUNNING a.1", "TASK_RUNNING a.2"});
}

TEST_CASE("any event proves a subscription whose own attached was dropped") {
  FakeMarathon marathon([](RawConnection& c, const std::string&) {
    return Hold(c, StreamHead() + RunningFrame("/a", "a.1", 1));
  });
  Listener listener(NodesFor({marathon.url()}));
  CHECK(listener.Await(2) ==
        std::vector<std::string>{"attached " + marathon.authority(), "TASK_RUNNING a.1"});
}

TEST_CASE("irregularity 53: types that no filter held back are counted and go no further") {
  FakeMarathon marathon([](RawConnection& c, const std::string&) {
    return Hold(c, StreamHead() + AttachedFrame() + Frame("from_the_future") + Frame("from_the_future") +
                       Frame("subscribe_event", R"("clientIp":"x","callbackUrl":"y")") +
                       RunningFrame("/a", "a.1", 1));
  });
  Listener listener(NodesFor({marathon.url()}));
  CHECK(listener.Await(2).size() == 2);
  const auto ignored = listener.stream().Counters().ignored;
  CHECK(ignored.at("from_the_future") == 2);
  CHECK(ignored.at("subscribe_event") == 1);
}

TEST_CASE("a frame that is too large or not understood is a gap, and the stream goes on") {
  FakeMarathon marathon([](RawConnection& c, const std::string&) {
    return Hold(c, StreamHead() + AttachedFrame() + "data: {not json\r\n\r\n" +
                       Frame("status_update_event", R"("appId":"/no/task/id")") +
                       Frame("status_update_event", "\"message\":\"" + std::string(5000, 'x') + "\"") +
                       RunningFrame("/a", "a.1", 1));
  });
  Listener listener(NodesFor({marathon.url()}), 5s, 2000);
  CHECK(listener.Await(5) == std::vector<std::string>{"attached " + marathon.authority(), "gap", "gap", "gap",
                                                      "TASK_RUNNING a.1"});
  CHECK(listener.stream().Counters().gaps == 3);
}

TEST_CASE("irregularity 50: an end within a frame drops the frame, tells the loss and connects anew") {
  std::atomic<int> streams{0};
  FakeMarathon marathon([&](RawConnection& c, const std::string&) {
    if (streams++ == 0) {
      const std::string cut = RunningFrame("/a", "a.1", 1);
      c.Write(StreamHead() + AttachedFrame() + cut.substr(0, cut.size() - 3));
      return false;
    }
    return Hold(c, StreamHead() + "\r\n" + AttachedFrame());
  });
  Listener listener(NodesFor({marathon.url()}));
  const std::string attached = "attached " + marathon.authority();
  CHECK(listener.Await(3) == std::vector<std::string>{attached, "lost", attached});
  CHECK(listener.stream().Counters().connects == 2);
  CHECK(listener.stream().Counters().failures == 1);
}

TEST_CASE("irregularity 45: 200 and nothing is a failure, told to nobody and tried again more slowly") {
  FakeMarathon marathon([&](RawConnection& c, const std::string&) {
    c.Write(StreamHead());
    return false;
  });
  Listener listener(NodesFor({marathon.url()}));
  CHECK(WaitFor([&] { return listener.stream().Counters().failures >= 4; }));
  CHECK(listener.seen().empty());
  CHECK(listener.stream().Counters().last_error.find("the stream ended") != std::string::npos);
}

TEST_CASE("the first wait after a failure is never under a quarter of a second") {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Backoff backoff(EventStreamOptions().backoff, seed);
    for (int i = 0; i < 10; ++i) {
      const Duration wait = backoff.Next();
      CHECK(wait >= 250ms);
      CHECK(wait <= 5s);
    }
  }
}

TEST_CASE("answers that are no stream are failures, and the next url is asked") {
  struct Case {
    std::string answer;
    std::string error;
  };
  const std::vector<Case> cases = {
      {Answer("503 Service Unavailable", "text/plain", ""), "answered 503"},
      {Answer("200 OK", "text/html", "<html>log in</html>"), "content type 'text/html'"},
      {Answer("403 Forbidden", "text/plain", ""), "answered 403"},
      {Answer("302 Found", "text/plain", ""), "without a Location"},
      {Redirect("ftp:nonsense"), "neither an URL nor a path"},
      {Redirect("/v2/events"), "more than 5 redirects"},
      {Redirect("http://user:secretword@h/v2/events"), ""},
  };
  for (const Case& expected : cases) {
    INFO(expected.answer);
    FakeMarathon bad([&](RawConnection& c, const std::string&) { return c.Write(expected.answer); });
    std::atomic<bool> open{false};
    FakeMarathon good([&](RawConnection& c, const std::string&) {
      if (!open) {
        c.Write(Answer("503 Service Unavailable", "text/plain", ""));
        return false;
      }
      return Hold(c, StreamHead() + AttachedFrame());
    });
    Listener listener(NodesFor({bad.url(), good.url()}));
    const auto error = [&] { return listener.stream().Counters().last_error; };
    CHECK(WaitFor([&] {
      return error().find(bad.authority()) != std::string::npos &&
             error().find(expected.error) != std::string::npos;
    }));
    CHECK(error().find("secretword") == std::string::npos);
    open = true;
    CHECK(listener.Await(1).front() == "attached " + good.authority());
  }
}

TEST_CASE("irregularity 46: silence longer than the limit ends a stream, also one that never proves itself") {
  const std::string head = StreamHead();
  const std::vector<std::string> firsts = {head + AttachedFrame(), head};
  for (const std::string& first : firsts) {
    std::atomic<int> streams{0};
    FakeMarathon marathon([&](RawConnection& c, const std::string&) {
      return Hold(c, streams++ == 0 ? first : StreamHead() + AttachedFrame());
    });
    Listener listener(NodesFor({marathon.url()}), 200ms);
    const size_t expected = first == head ? 1 : 3;
    CHECK(listener.Await(expected).at(expected - 1) == "attached " + marathon.authority());
    CHECK(listener.stream().Counters().connects >= 2);
  }
}

TEST_CASE("heartbeats alone prove nothing") {
  FakeMarathon marathon([&](RawConnection& c, const std::string&) {
    c.Write(StreamHead());
    WaitFor([&] { return !c.Write("\r\n"); });  // beats as often as it looks
    return false;
  });
  Listener listener(NodesFor({marathon.url()}), 200ms);
  CHECK(WaitFor([&] { return listener.stream().Counters().failures >= 1; }));
  CHECK(listener.stream().Counters().last_error.find("proves the subscription") != std::string::npos);
  CHECK(listener.seen().empty());
}

TEST_CASE("every redirect is followed, and reads then ask the node it led to") {
  for (const std::string status : {"301 Moved", "302 Found", "303 See", "307 Temp", "308 Perm"}) {
    FakeMarathon leader(
        [](RawConnection& c, const std::string&) { return Hold(c, StreamHead() + AttachedFrame()); });
    FakeMarathon standby([&](RawConnection& c, const std::string&) {
      return c.Write(Redirect(leader.url() + "/v2/events?event_type=x", status));
    });
    const auto nodes = NodesFor({standby.url()});
    Listener listener(nodes);
    CHECK(listener.Await(1).front() == "attached " + leader.authority());
    CHECK(leader.requests().front().starts_with("GET /v2/events?event_type=x "));
    CHECK(listener.stream().Counters().redirects == 1);
    REQUIRE(nodes->ReadOrder().size() == 2);
    CHECK(nodes->ReadOrder().front().Origin() == leader.url());
    listener.stream().Stop();
  }
}

TEST_CASE("irregularity 49: a leader that can't be reached from here, and a proxy that cuts streams") {
  FakeMarathon lost([](RawConnection& c, const std::string&) {
    return c.Write(Redirect("http://leader.invalid:8080/v2/events"));
  });
  std::atomic<int> streams{0};
  FakeMarathon proxy([&](RawConnection& c, const std::string&) {
    const std::string stream = StreamHead("X-Marathon-Via: 1.1 m1:8080\r\n") + AttachedFrame();
    if (streams++ == 0) {
      c.Write(stream + RunningFrame("/a", "a.1", 1));
      return false;  // its read timeout is no longer than the time between two heartbeats
    }
    return Hold(c, stream + RunningFrame("/a", "a.2", 2));
  });
  Listener listener(NodesFor({lost.url(), proxy.url()}));
  const std::string attached = "attached " + proxy.authority();
  CHECK(listener.Await(5) ==
        std::vector<std::string>{attached, "TASK_RUNNING a.1", "lost", attached, "TASK_RUNNING a.2"});
}

TEST_CASE("credentials go to configured nodes and to a foreign leader only if trusted") {
  for (const bool trusted : {false, true}) {
    for (const bool listed : {false, true}) {
      FakeMarathon leader(
          [](RawConnection& c, const std::string&) { return Hold(c, StreamHead() + AttachedFrame()); });
      FakeMarathon standby([&](RawConnection& c, const std::string&) {
        return c.Write(Redirect(leader.url() + "/v2/events"));
      });
      MarathonSettings settings;
      settings.username = "Aladdin";
      settings.password = "open sesame";
      settings.trust_leader = trusted;
      const auto nodes =
          NodesFor(listed ? std::vector{standby.url(), leader.url()} : std::vector{standby.url()}, settings);
      Listener listener(nodes);
      listener.Await(1);
      const std::string header = "\r\nAuthorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
      CHECK(standby.requests().front().find(header) != std::string::npos);
      CHECK((leader.requests().front().find(header) != std::string::npos) == (trusted || listed));
      CHECK((nodes->ReadOrder().front().Origin() == leader.url()) == (trusted || listed));
    }
  }
}

TEST_CASE("a 401 makes the secret be read again, once, and no log or error shows it") {
  SecretFile file;
  file.Write("old-secret\n");
  FakeMarathon marathon([&](RawConnection& c, const std::string& request) {
    if (request.find("Authorization: token=new-secret") != std::string::npos) {
      return Hold(c, StreamHead() + AttachedFrame());
    }
    if (request.find("token=old-secret") != std::string::npos) {
      file.Write("new-secret\n");
    }
    return c.Write(Answer("401 Unauthorized", "text/plain", ""));
  });
  MarathonSettings settings;
  settings.token_file = file.path();
  Listener listener(NodesFor({marathon.url()}, settings));
  CHECK(listener.Await(1).front() == "attached " + marathon.authority());
  CHECK(marathon.count() == 2);
  CHECK(listener.stream().Counters().failures == 0);
}

TEST_CASE("a lasting 401 is asked twice a try and names the remedy") {
  FakeMarathon marathon([&](RawConnection& c, const std::string&) {
    return c.Write(Answer("401 Unauthorized", "text/plain", ""));
  });
  SECTION("with credentials") {
    MarathonSettings settings;
    settings.token = "wrong-secret";
    Listener listener(NodesFor({marathon.url()}, settings));
    CHECK(WaitFor([&] { return listener.stream().Counters().failures >= 2; }));
    CHECK(marathon.count() >= 4);
    CHECK(listener.stream().Counters().last_error.find("configured credentials") != std::string::npos);
    CHECK(listener.stream().Counters().last_error.find("wrong-secret") == std::string::npos);
  }
  SECTION("without") {
    Listener listener(NodesFor({marathon.url()}));
    CHECK(WaitFor([&] { return listener.stream().Counters().failures >= 1; }));
    CHECK(listener.stream().Counters().last_error.find("set marathon.token_file") != std::string::npos);
  }
}

TEST_CASE("stopping ends an open stream and a wait at once, and delivers nothing more") {
  FakeMarathon marathon(
      [](RawConnection& c, const std::string&) { return Hold(c, StreamHead() + AttachedFrame()); });
  Listener listener(NodesFor({marathon.url()}));
  listener.Await(1);
  const Mono begun = SystemClock().Now();
  listener.stream().Stop();
  CHECK(SystemClock().Now() - begun < 5s);  // a stream lives for hours, a wait for 30 s
  CHECK(listener.seen().size() == 1);
}

}  // namespace
}  // namespace dispatcher
