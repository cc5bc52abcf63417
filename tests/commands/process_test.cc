#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/net/server.h"
#include "tests/commands/execute.h"
#include "tests/support/catch.h"
#include "tests/support/certificates.h"
#include "tests/support/process.h"

namespace dispatcher {
namespace {

using std::chrono::seconds;

// The real program; its standard error is read through a pipe.
class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments) {
    int ends[2];
    REQUIRE(pipe2(ends, O_CLOEXEC) == 0);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
    std::string program = BINARY_DIR "/dispatcher";
    std::vector<std::string> words = arguments;
    std::vector<char*> argv = {program.data()};
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    REQUIRE(posix_spawn(&pid_, program.c_str(), &actions, nullptr, argv.data(), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    pipe_ = ends[0];
  }
  ~Process() {
    if (pid_ > 0) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
    }
    close(pipe_);
  }

  void Signal(int number) { REQUIRE(kill(pid_, number) == 0); }

  // Until `text` was written, its end, or 20 s.
  bool Says(const std::string& text) {
    const Mono deadline = MonoClock::now() + seconds(20);
    while (said_.find(text) == std::string::npos) {
      pollfd ready = {pipe_, POLLIN, 0};
      char buffer[4096];
      if (MonoClock::now() >= deadline || poll(&ready, 1, 1000) < 0) {
        return false;
      }
      if (ready.revents != 0) {
        const ssize_t size = read(pipe_, buffer, sizeof(buffer));
        if (size <= 0) {
          return false;
        }
        said_.append(buffer, static_cast<size_t>(size));
      }
    }
    return true;
  }

  // The exit code, -1 if a signal ended it.
  int Wait() {
    int status = 0;
    REQUIRE(waitpid(pid_, &status, 0) == pid_);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  const std::string& said() const { return said_; }

 private:
  pid_t pid_ = 0;
  int pipe_ = -1;
  std::string said_;
};

TEST_CASE("run says once what it is, survives SIGHUP and ends in time with 0 on a stop signal") {
  setenv("DISPATCHER_HTTP__TOKEN", "hunter2", 1);
  for (const int number : {SIGTERM, SIGINT}) {
    Process process({"--set", "http.listen=127.0.0.1:0", "--set", "owner=shop", "--set",
                     "marathon.urls=http://127.0.0.1:1"});
    INFO(process.said());
    REQUIRE(process.Says("dispatcher started"));
    process.Signal(SIGHUP);
    REQUIRE(process.Says("reloaded, the new settings are in force"));
    const Mono begin = MonoClock::now();
    process.Signal(number);
    CHECK(process.Wait() == 0);
    CHECK(MonoClock::now() - begin < seconds(3));
    CHECK(process.said().find("owner=shop") != std::string::npos);
    CHECK(process.said().find("adapters=memory") != std::string::npos);
    CHECK(process.said().find("listen=127.0.0.1:") != std::string::npos);
    CHECK(process.said().find("listen=127.0.0.1:0") == std::string::npos);
    CHECK(process.said().find("hunter2") == std::string::npos);
  }
  unsetenv("DISPATCHER_HTTP__TOKEN");
}

TEST_CASE("a dry run says so to who asks it") {
  Process process(
      {"run", "--dry-run", "--set", "http.listen=127.0.0.1:0", "--set", "marathon.urls=http://127.0.0.1:1"});
  REQUIRE(process.Says("dry_run=yes"));
  const size_t begin = process.said().find("listen=") + 7;
  const std::string address = process.said().substr(begin, process.said().find(' ', begin) - begin);
  const Outcome explained = Execute({"explain", "--url", "http://" + address});
  INFO(explained.err);
  CHECK(explained.out.find(", dry run: nothing is written\n") != std::string::npos);
}

TEST_CASE("a reload that can't be is refused with the reason, and the old settings stay") {
  const testing::TempDir dir;
  const std::string file = dir.path() + "/dispatcher.yaml";
  const auto configure = [&](const std::string& text) { std::ofstream(file) << text; };
  configure("owner: shop\n");
  Process process(
      {"--config", file, "--set", "http.listen=127.0.0.1:0", "--set", "marathon.urls=http://127.0.0.1:1"});
  REQUIRE(process.Says("dispatcher started"));
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"owner: other\n", "owner: it is \\\"shop\\\" and would become \\\"other\\\""},
           {"ownr: shop\n", "ownr"},
           {"owner: shop\nadapters: {kong: {mode: router}}\n", "router_url"}}) {
    INFO(text);
    configure(text);
    process.Signal(SIGHUP);
    CHECK(process.Says("reload refused, the old settings stay"));
    CHECK(process.Says(why));
  }
  configure("owner: shop\nadapters: {spare: {type: memory}}\n");
  process.Signal(SIGHUP);
  CHECK(process.Says("reloaded, the new settings are in force"));
  CHECK(process.Says("adapter=memory"));  // it is configured no more
  process.Signal(SIGTERM);
  CHECK(process.Wait() == 0);
}

TEST_CASE("SIGHUP brings another level and form of the log into force, and other TLS files do not") {
  const testing::TempDir dir;
  const testing::TestCa ca;
  const testing::CertificateFiles own = ca.Issue("server");
  const std::string file = dir.path() + "/dispatcher.yaml";
  std::ofstream(file) << "log: {level: warning}\n";
  Process process(
      {"--config", file, "--set", "http.listen=127.0.0.1:0", "--set", "marathon.urls=http://127.0.0.1:1"});
  REQUIRE(process.Says("warning"));  // Marathon is not there
  CHECK(process.said().find("dispatcher started") == std::string::npos);
  std::ofstream(file) << "log: {level: info, format: json}\n";
  process.Signal(SIGHUP);
  CHECK(process.Says(R"("message":"reloaded, the new settings are in force"})"));
  std::ofstream(file) << "http: {tls_cert_file: " << own.cert << ", tls_key_file: " << own.key << "}\n";
  process.Signal(SIGHUP);
  CHECK(process.Says("other files take a restart"));
  process.Signal(SIGTERM);
  CHECK(process.Wait() == 0);
}

TEST_CASE("Secrets of the environment reach the registry and Marathon, and nothing else") {
  Mutex mutex;
  CondVar changed;
  std::string consul_token, marathon_authorization;
  HttpServer world;  // both of them, and neither knows how to answer
  world.HandleRest([&](const HttpCall& call) {
    MutexLock lock(mutex);
    const std::string token(FindHeader(call.headers, "X-Consul-Token"));
    (token.empty() ? marathon_authorization : consul_token) =
        token.empty() ? FindHeader(call.headers, "Authorization") : token;
    changed.NotifyAll();
    return HttpReply{
        .status = 500, .content_type = "text/plain", .body = "", .headers = {}, .stream = nullptr};
  });
  REQUIRE(world.Start("127.0.0.1", 0).ok());
  const std::string url = "http://127.0.0.1:" + std::to_string(world.port());

  setenv("DISPATCHER_ADAPTERS__CONSUL__TOKEN", "hunter2", 1);
  setenv("DISPATCHER_MARATHON__PASSWORD", "hunter3", 1);
  Process process({"--set", "http.listen=127.0.0.1:0", "--set", "marathon.urls=" + url, "--set",
                   "marathon.username=me", "--set", "adapters.consul.url=" + url, "--set",
                   "log.level=debug"});
  unsetenv("DISPATCHER_ADAPTERS__CONSUL__TOKEN");
  unsetenv("DISPATCHER_MARATHON__PASSWORD");
  {
    const Mono deadline = MonoClock::now() + seconds(20);
    MutexLock lock(mutex);
    while (consul_token.empty() || marathon_authorization.empty()) {
      if (!changed.WaitUntil(mutex, deadline)) {
        break;
      }
    }
    CHECK(consul_token == "hunter2");
    CHECK(marathon_authorization == "Basic bWU6aHVudGVyMw==");
  }
  process.Signal(SIGTERM);
  CHECK(process.Says("stopped"));
  CHECK(process.Wait() == 0);
  CHECK(process.said().find("hunter") == std::string::npos);
  CHECK(process.said().find("bWU6") == std::string::npos);
}

TEST_CASE("run under Marathon wants to be told whether it may be two") {
  setenv("MARATHON_APP_ID", "/dispatcher", 1);
  const std::vector<std::string> plain = {"--set", "http.listen=127.0.0.1:0", "--set",
                                          "marathon.urls=http://127.0.0.1:1"};
  {
    Process process(plain);
    CHECK(process.Says("leader: none (DISPATCHER_LEADER=none)"));
    CHECK(process.Wait() == 1);
  }
  for (const std::string& setting :
       {std::string("leader=none"), std::string("leader.consul_url=http://127.0.0.1:1")}) {
    std::vector<std::string> arguments = plain;
    arguments.insert(arguments.end(), {"--set", setting});
    Process process(arguments);
    INFO(setting);
    CHECK(process.Says("dispatcher started"));
    process.Signal(SIGTERM);
    CHECK(process.Wait() == 0);
  }
  unsetenv("MARATHON_APP_ID");
}

TEST_CASE("a reload under Marathon may not take the leader block away") {
  const testing::TempDir dir;
  const std::string file = dir.path() + "/dispatcher.yaml";
  setenv("MARATHON_APP_ID", "/dispatcher", 1);
  std::ofstream(file) << "leader: none\n";
  Process process(
      {"--config", file, "--set", "http.listen=127.0.0.1:0", "--set", "marathon.urls=http://127.0.0.1:1"});
  REQUIRE(process.Says("dispatcher started"));
  std::ofstream(file) << "owner: dispatcher\n";
  process.Signal(SIGHUP);
  CHECK(process.Says("reload refused, the old settings stay"));
  CHECK(process.Says("leader: none (DISPATCHER_LEADER=none)"));
  process.Signal(SIGTERM);
  CHECK(process.Wait() == 0);
  unsetenv("MARATHON_APP_ID");
}

TEST_CASE("run says so if its port is open to others without TLS, and speaks TLS if told to") {
  const std::string open = "the HTTP port can be reached from outside and does not speak TLS";
  const testing::TestCa ca;
  const testing::CertificateFiles own = ca.Issue("server");
  const std::vector<std::string> tls = {"--set", "http.tls_cert_file=" + own.cert, "--set",
                                        "http.tls_key_file=" + own.key};
  struct Case {
    const char* listen;
    std::vector<std::string> more;
    bool says;
  };
  for (const Case& c :
       {Case{"0.0.0.0:0", {}, true}, Case{"127.0.0.1:0", {}, false}, Case{"0.0.0.0:0", tls, false}}) {
    std::vector<std::string> arguments = {"--set", "marathon.urls=http://127.0.0.1:1", "--set",
                                          std::string("http.listen=") + c.listen};
    arguments.insert(arguments.end(), c.more.begin(), c.more.end());
    Process process(arguments);
    REQUIRE(process.Says("dispatcher started"));
    process.Signal(SIGTERM);
    CHECK(process.Says("stopped"));
    CHECK(process.Wait() == 0);
    CHECK((process.said().find(open) != std::string::npos) == c.says);
  }
  Process process({"--set", "marathon.urls=http://127.0.0.1:1", "--set", "http.listen=127.0.0.1:0", "--set",
                   "http.tls_cert_file=" + own.cert, "--set", "http.tls_key_file=" + ca.cert()});
  CHECK(process.Says("dispatcher: http.listen: key " + ca.cert() + " can't be used"));
  CHECK(process.Wait() == 1);
}

TEST_CASE("run refuses to start where it can't be asked") {
  Process process({"--set", "http.listen=203.0.113.1:1", "--set", "marathon.urls=http://127.0.0.1:1"});
  CHECK(process.Says("dispatcher: http.listen: "));
  CHECK(process.Wait() == 1);
}

}  // namespace
}  // namespace dispatcher
