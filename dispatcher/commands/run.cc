#include <unistd.h>

#include <csignal>
#include <thread>

#include "dispatcher/admin/version.h"
#include "dispatcher/base/log.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/commands/alone.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/reload.h"
#include "dispatcher/commands/signals.h"
#include "dispatcher/config/values.h"

namespace dispatcher {
namespace {

constexpr Duration kStopDeadline = std::chrono::seconds(2);
constexpr Duration kWriteGrace = std::chrono::seconds(1);

void ServeUntilStop(const Invocation& invocation, Serving& serving) {
  std::optional<int> number = WaitForSignal();
  while (!number || *number == SIGHUP) {
    number = number ? Reload(invocation, serving) : WaitForSignal();
  }
  LogInfo("stopping", {{"signal", *number == SIGTERM ? "SIGTERM" : "SIGINT"}});
}

// Ends the process if the stop takes longer than the deadline: nothing is lost with
// it, the registries are the only memory.
void StopInTime(Engine& engine, AdminServer& server) {
  Mutex mutex;
  CondVar changed;
  bool stopped = false;
  std::thread stopper([&] {
    engine.Stop(kWriteGrace);
    server.Stop();
    MutexLock lock(mutex);
    stopped = true;
    changed.NotifyAll();
  });
  {
    const Mono deadline = SystemClock().Now() + kStopDeadline;
    MutexLock lock(mutex);
    while (!stopped) {
      if (!changed.WaitUntil(mutex, deadline) && !stopped) {
        LogWarning("stop took too long, leaving", {{"deadline_seconds", Seconds(kStopDeadline)}});
        _exit(kExitOk);
      }
    }
  }
  stopper.join();
}

std::string AdapterList(const Settings& settings) {
  std::string list;
  for (const AdapterSettings& adapter : settings.adapters) {
    list.append(list.empty() ? "" : ",").append(adapter.name);
    if (adapter.type != adapter.name) {
      list.append("(").append(adapter.type).append(")");
    }
  }
  return list;
}

// What goes over it can be read on the way, the token too.
void WarnOfOpenPort(const HttpSettings& http) {
  const absl::StatusOr<ListenAddress> address = ParseListen(http.listen);
  if (http.tls_cert_file.empty() && address.ok() && !address->host.starts_with("127.") &&
      address->host != "::1" && address->host != "localhost") {
    LogWarning("the HTTP port can be reached from outside and does not speak TLS",
               {{"listen", http.listen}, {"remedy", "http.tls_cert_file, or listen on 127.0.0.1"}});
  }
}

}  // namespace

absl::StatusOr<int> Run(Invocation& invocation) {
  ASSIGN_OR_RETURN(const Configuration configuration, LoadFor(invocation));
  const Settings& settings = configuration.settings;
  BlockSignals();  // one that comes at once is not the end, it waits until it can be heeded
  RETURN_IF_ERROR(ConfigureLog(settings.log.level, settings.log.format));
  LogSkipped(configuration);
  if (!invocation.arguments.Has("--dry-run")) {
    RETURN_IF_ERROR(CheckAlone(settings, invocation.environment));
  }
  EngineOptions options;
  options.dry_run = invocation.arguments.Has("--dry-run");
  ASSIGN_OR_RETURN(std::shared_ptr<Engine> engine, Engine::Make(settings, SystemClock(), options));
  EngineSource source(engine);
  AdminServer server(settings.http, source);
  // Before the engine: whoever can't be seen must not write.
  RETURN_IF_ERROR(Annotate(server.Start(), "http.listen"));
  engine->Start(server.address());
  LogInfo("dispatcher started", {{"version", Version()},
                                 {"owner", settings.owner},
                                 {"adapters", AdapterList(settings)},
                                 {"listen", server.address()},
                                 {"dry_run", options.dry_run ? "yes" : "no"}});
  WarnOfOpenPort(settings.http);
  Serving serving{settings, std::move(engine), source, server};
  ServeUntilStop(invocation, serving);
  StopInTime(*serving.engine, server);
  LogInfo("stopped");
  return kExitOk;
}

}  // namespace dispatcher
