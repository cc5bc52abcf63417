#include <csignal>
#include <utility>

#include "dispatcher/admin/version.h"
#include "dispatcher/base/log.h"
#include "dispatcher/commands/command.h"
#include "dispatcher/commands/signals.h"
#include "dispatcher/config/values.h"
#include "dispatcher/engine/engine.h"
#include "dispatcher/engine/policies.h"

namespace dispatcher {
namespace {

constexpr Duration kLook = std::chrono::seconds(1);

// Until somebody says stop, the time is over, or nothing more can be written.
void WaitForEnd(const Recorder& recorder, std::optional<Duration> length) {
  const Mono end = SystemClock().Now() + length.value_or(Duration::zero());
  while (!recorder.failed()) {
    const Duration left = end - SystemClock().Now();
    if (length && left <= Duration::zero()) {
      return;
    }
    const std::optional<int> signal = WaitForSignal(length ? std::min(left, kLook) : kLook);
    if (signal && *signal != SIGHUP) {
      return;
    }
  }
}

}  // namespace

absl::StatusOr<int> Record(Invocation& invocation) {
  ASSIGN_OR_RETURN(Configuration configuration, LoadFor(invocation));
  Settings& settings = configuration.settings;
  RETURN_IF_ERROR(ConfigureLog(settings.log.level, settings.log.format));
  std::optional<Duration> length;
  if (invocation.arguments.Has("--for")) {
    const absl::StatusOr<Duration> parsed = ParseDuration(invocation.arguments.Get("--for"));
    if (!parsed.ok()) {
      return Annotate(parsed.status(), "--for");
    }
    length = *parsed;
  }
  // Nothing is written anywhere; the catalog alone is recorded. Labels name adapters, so their
  // names stay.
  for (AdapterSettings& adapter : settings.adapters) {
    AdapterSettings memory;
    memory.name = adapter.name;
    memory.type = "memory";
    adapter = std::move(memory);
  }
  settings.static_services.clear();
  Recording header;
  header.version = Version();
  ASSIGN_OR_RETURN(header.policy, CatalogPolicyOf(settings));
  const std::string& file = invocation.arguments.words.front();
  BlockSignals();
  ASSIGN_OR_RETURN(const auto recorder, Recorder::Create(file, header, SystemClock().Now()));
  EngineOptions options;
  options.recorder = recorder.get();
  ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, Engine::Make(settings, SystemClock(), options));
  engine->Start();
  WaitForEnd(*recorder, length);
  engine->Stop();
  invocation.out << recorder->steps() << " observations are in " << file << "\n";
  RETURN_IF_ERROR(recorder->status());
  return kExitOk;
}

}  // namespace dispatcher
