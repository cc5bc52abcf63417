#include "dispatcher/commands/reload.h"

#include <algorithm>
#include <csignal>
#include <utility>

#include "dispatcher/base/log.h"
#include "dispatcher/commands/alone.h"
#include "dispatcher/commands/signals.h"

namespace dispatcher {
namespace {

// How long the new engine may take to know what runs; a big Marathon answers in seconds.
constexpr Duration kPatience = std::chrono::seconds(60);
constexpr Duration kReadyLook = std::chrono::milliseconds(20);
constexpr Duration kHandoverGrace = std::chrono::seconds(1);

std::optional<int> Refuse(std::string_view why) {
  LogError("reload refused, the old settings stay", {{"why", why}});
  return std::nullopt;
}

absl::StatusOr<std::shared_ptr<Engine>> Successor(const Settings& fresh, bool dry_run, const Engine& now) {
  EngineOptions options;
  options.dry_run = dry_run;
  options.waits = true;
  options.history = now.history();
  ASSIGN_OR_RETURN(std::unique_ptr<Engine> engine, Engine::Make(fresh, SystemClock(), options));
  return std::shared_ptr<Engine>(std::move(engine));
}

// An adapter that is configured no more keeps what it has.
void TellOfThoseLeft(const Settings& now, const Settings& fresh) {
  for (const AdapterSettings& old : now.adapters) {
    const bool stays = std::any_of(fresh.adapters.begin(), fresh.adapters.end(),
                                   [&](const AdapterSettings& other) { return other.name == old.name; });
    if (!stays) {
      LogWarning("an adapter is not configured any more, its entries stay where they are",
                 {{"adapter", old.name},
                  {"remedy", "dispatcher uninstall --adapter " + old.name + " with the old settings"}});
    }
  }
}

}  // namespace

absl::Status MayFollow(const Settings& now, const Settings& fresh) {
  if (fresh.owner != now.owner) {
    return Error(absl::StatusCode::kInvalidArgument, "owner: it is \"", now.owner, "\" and would become \"",
                 fresh.owner, "\", which would leave all entries behind: uninstall, then start anew");
  }
  if (fresh.http.listen != now.http.listen) {
    return Error(absl::StatusCode::kInvalidArgument, "http.listen: it is ", now.http.listen,
                 " and would become ", fresh.http.listen, ": that takes a restart");
  }
  if (fresh.http.tls_cert_file != now.http.tls_cert_file ||
      fresh.http.tls_key_file != now.http.tls_key_file ||
      fresh.http.tls_client_ca_file != now.http.tls_client_ca_file) {
    return absl::InvalidArgumentError(
        "http.tls_cert_file, http.tls_key_file and http.tls_client_ca_file: other files take a restart; "
        "what is in them is read again by itself");
  }
  return absl::OkStatus();
}

std::optional<int> Reload(const Invocation& invocation, Serving& serving) {
  LogInfo("reloading");
  const absl::StatusOr<Configuration> configuration = LoadFor(invocation);
  if (!configuration.ok()) {
    return Refuse(Message(configuration.status()));
  }
  const Settings& fresh = configuration->settings;
  if (const absl::Status status = MayFollow(serving.settings, fresh); !status.ok()) {
    return Refuse(Message(status));
  }
  const bool dry_run = invocation.arguments.Has("--dry-run");
  if (const absl::Status status = CheckAlone(fresh, invocation.environment); !dry_run && !status.ok()) {
    return Refuse(Message(status));
  }
  absl::StatusOr<std::shared_ptr<Engine>> made = Successor(fresh, dry_run, *serving.engine);
  if (!made.ok()) {
    return Refuse(Message(made.status()));
  }
  const std::shared_ptr<Engine> engine = *std::move(made);
  engine->Start(serving.server.address());
  const Mono deadline = SystemClock().Now() + kPatience;
  while (true) {
    const EngineReport report = engine->Report();
    // One that knows nothing itself is no better than the new one.
    if (report.ready || !serving.engine->Report().ready) {
      break;
    }
    if (SystemClock().Now() >= deadline) {
      engine->Stop(Duration::zero());
      return Refuse("with the new ones it is not ready: " + report.not_ready.front());
    }
    const std::optional<int> signal = WaitForSignal(kReadyLook);
    if (signal && *signal != SIGHUP) {
      engine->Stop(Duration::zero());
      return signal;
    }
  }
  LogSkipped(*configuration);
  TellOfThoseLeft(serving.settings, fresh);
  serving.source.Switch(engine);
  serving.server.UseToken(fresh.http);
  serving.engine->Stop(kHandoverGrace);
  engine->TakeOver(*serving.engine);
  serving.engine = engine;
  serving.settings = fresh;
  if (const absl::Status status = ConfigureLog(fresh.log.level, fresh.log.format); !status.ok()) {
    LogWarning("the log stays as it was", {{"why", Message(status)}});
  }
  LogInfo("reloaded, the new settings are in force");
  return std::nullopt;
}

}  // namespace dispatcher
