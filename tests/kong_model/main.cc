// The model of Kong as a program: kong_model [--version 3.9.3] [--dbless] [--token T]
// [--host ADDRESS] [--admin-port N] [--proxy-port N]. Says on stdout where it listens, and then after each
// restart how many these were; SIGHUP makes it restart, which takes a second; SIGTERM and
// SIGINT end it.
#include <csignal>
#include <cstdio>
#include <string>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "tests/kong_model/model.h"

int main(int argc, char** argv) {
  using namespace dispatcher;
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGHUP);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  kong_model::Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--dbless") {
      options.dbless = true;
      continue;
    }
    const std::string value = i + 1 < argc ? argv[++i] : "";
    if (name == "--version") {
      options.version = value;
    } else if (name == "--token") {
      options.token = value;
    } else if (name == "--host") {
      options.host = value;
    } else if (name == "--admin-port") {
      options.admin_port = static_cast<int>(ParseInt(value).value_or(0));
    } else if (name == "--proxy-port") {
      options.proxy_port = static_cast<int>(ParseInt(value).value_or(0));
    } else {
      std::fprintf(stderr, "kong_model: no option %s\n", name.c_str());
      return 2;
    }
  }
  const auto model = kong_model::KongModel::Start(options);
  if (!model.ok()) {
    std::fprintf(stderr, "kong_model: %s\n", std::string(Message(model.status())).c_str());
    return 1;
  }
  JsonWriter line;
  line.BeginObject().Field("admin", (*model)->admin_url()).Field("proxy", (*model)->proxy_url()).EndObject();
  std::printf("%s\n", line.text().c_str());
  std::fflush(stdout);
  int caught = 0, restarts = 0;
  while (sigwait(&signals, &caught) == 0 && caught == SIGHUP) {
    if (const absl::Status again = (*model)->Restart(std::chrono::seconds(1)); !again.ok()) {
      std::fprintf(stderr, "kong_model: %s\n", std::string(Message(again)).c_str());
      return 1;
    }
    std::printf("{\"restarts\":%d}\n", ++restarts);
    std::fflush(stdout);
  }
  return 0;
}
