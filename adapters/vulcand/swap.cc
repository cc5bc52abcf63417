#include "adapters/vulcand/swap.h"

#include <utility>

#include "adapters/publish.h"
#include "dispatcher/base/pause.h"
#include "dispatcher/net/client.h"

namespace dispatcher {
namespace {

using std::chrono::milliseconds;

constexpr int kAttempts = 5;
constexpr Duration kPatience = milliseconds(15);  // at first, then doubled; Vulcand needs two or three
constexpr Duration kPause = milliseconds(10);     // for it to have closed what it let go of
constexpr Duration kLook = milliseconds(1);

HttpClientOptions Probing(const std::string& host, std::string_view address) {
  const auto [own_host, port] = SplitHostPort(address);
  const bool any = own_host.empty() || own_host == "0.0.0.0" || own_host == "::";
  HttpClientOptions options;
  options.base.host = any ? host : std::string(own_host);
  options.base.port = static_cast<int>(port);
  options.connect_timeout = milliseconds(500);
  options.read_timeout = milliseconds(500);
  options.max_idle_connections = 0;
  return options;
}

// Any answer will do. The Host asked for is Vulcand's own address, so that no service is.
bool Listens(HttpClient& client, const Cancel& cancel) { return client.Call(HttpRequest(), cancel).ok(); }

std::string Milliseconds(Duration duration) {
  const auto tenths = std::chrono::duration_cast<std::chrono::microseconds>(duration).count() / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " ms";
}

absl::Status Separately(VulcandEngine& engine, const EntryId& theirs, const Entry& ours,
                        const Cancel& cancel) {
  RETURN_IF_ERROR(engine.DeleteAnyway(theirs, cancel));
  RETURN_IF_ERROR(engine.DeleteAnyway(ours.id, cancel));
  Pause(kPause, cancel);
  return engine.PutAnyway(ours, cancel);
}

}  // namespace

absl::StatusOr<std::string> SwapListeners(VulcandEngine& engine, const EntryId& theirs, const Entry& ours,
                                          const std::string& host, const Cancel& cancel) {
  HttpClient client(Probing(host, FieldOf(ours, "address")));
  // Where theirs can't be reached from here, nothing is known by not reaching ours.
  const bool reachable = Listens(client, cancel);
  const Mono begun = MonoClock::now();
  absl::Status status;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    status = reachable && attempt == 0 ? engine.Replace(theirs, ours, cancel)
                                       : Separately(engine, theirs, ours, cancel);
    if (!status.ok()) {
      continue;
    }
    if (!reachable) {
      return std::string("its port can't be reached from here: look whether it answers");
    }
    const Mono until = MonoClock::now() + kPatience * (1 << attempt);
    while (!cancel.stop_requested() && MonoClock::now() < until) {
      if (Listens(client, cancel)) {
        return "nobody listened for " + Milliseconds(MonoClock::now() - begun) + " at most";
      }
      Pause(kLook, cancel);
    }
    status = Error(absl::StatusCode::kUnavailable, "Vulcand has listener ", ours.id.id,
                   " but does not listen there: restart it if that does not change");
  }
  return status;
}

}  // namespace dispatcher
