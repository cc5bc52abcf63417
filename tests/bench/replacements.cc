#include "tests/bench/replacements.h"

#include <algorithm>
#include <optional>
#include <set>
#include <thread>

#include "adapters/consul/registration.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/net/client.h"
#include "tests/bench/catalog.h"

namespace dispatcher::bench {
namespace {

// Each has its blocking query waiting at Consul well before its turn comes.
constexpr int kWatchers = 32;
constexpr Duration kLimit = std::chrono::seconds(10);

struct Shot {
  int app = 0;
  std::set<std::string> before;
  Mono due, sent, born, dead;
};

struct Seen {
  Mono at;
  std::set<std::string> ids;
  std::string index;
};

// The ids of a service's entries, once the index is another than this.
std::optional<Seen> Ask(HttpClient& client, const std::string& service, const std::string& index) {
  HttpRequest request;
  request.target = "/v1/catalog/service/" + service + "?stale";
  if (!index.empty()) {
    request.target += "&wait=10s&index=" + index;
  }
  const auto answer = client.Call(request, Cancel());
  Seen seen{MonoClock::now(), {}, ""};
  if (!answer.ok() || answer->status != 200) {
    return std::nullopt;
  }
  seen.index = FindHeader(answer->headers, "X-Consul-Index");
  if (const auto document = JsonDocument::Parse(answer->body); document.ok()) {
    document->root().ForEach([&](JsonView entry) { seen.ids.insert(entry["ServiceID"].StringOr("")); });
  }
  return seen;
}

bool HoldsAll(const std::set<std::string>& all, const std::set<std::string>& some) {
  return std::includes(all.begin(), all.end(), some.begin(), some.end());
}

// `before`: the entries until the replacement. Known from the start, so that a
// watcher that comes late still sees the change.
void Watch(HttpClient& client, const std::string& service, const std::set<std::string>& before, Shot& shot) {
  std::optional<Seen> now = Ask(client, service, "");
  while (now) {
    if (shot.born == Mono{} && !HoldsAll(before, now->ids)) {
      shot.born = now->at;
    }
    if (shot.dead == Mono{} && !HoldsAll(now->ids, before)) {
      shot.dead = now->at;
    }
    if ((shot.born != Mono{} && shot.dead != Mono{}) || now->at > shot.due + kLimit) {
      return;
    }
    now = Ask(client, service, now->index);
  }
}

}  // namespace

Latencies ReplaceAtRate(const std::string& consul_url, Apps& apps, std::string_view owner, int count,
                        Mono first, Duration apart, const SendReplacement& send) {
  std::vector<Shot> shots(static_cast<size_t>(count));
  // A stride that is prime to all sizes used: neighbours in time are none by name.
  constexpr int kAppStride = 373;
  for (int i = 0; i < count; ++i) {
    Shot& shot = shots[static_cast<size_t>(i)];
    shot.app = static_cast<int>(int64_t{i} * kAppStride % apps.size());
    shot.due = first + i * apart;
    for (const Task& task : apps.Tasks(shot.app)) {
      shot.before.insert(ServiceId(owner, task.id, 0, 0));
    }
  }
  HttpClientOptions options = HttpOptions(consul_url);
  options.max_idle_connections = kWatchers;
  HttpClient client(options);
  std::vector<std::thread> watchers;
  for (int begin = 0; begin < kWatchers; ++begin) {
    watchers.emplace_back([&, begin] {
      for (size_t i = static_cast<size_t>(begin); i < shots.size(); i += kWatchers) {
        Watch(client, apps.Service(shots[i].app), shots[i].before, shots[i]);
      }
    });
  }
  for (Shot& shot : shots) {
    KeepTo(shot.due);
    shot.sent = send(apps.Replace(shot.app));
  }
  for (std::thread& watcher : watchers) {
    watcher.join();
  }
  Latencies latencies;
  for (const Shot& shot : shots) {
    ++latencies.sent;
    latencies.lost += shot.born == Mono{} || shot.dead == Mono{} ? 1 : 0;
    if (shot.born != Mono{}) {
      latencies.born.push_back(Seconds(shot.born - shot.sent));
    }
    if (shot.dead != Mono{}) {
      latencies.dead.push_back(Seconds(shot.dead - shot.sent));
    }
  }
  return latencies;
}

}  // namespace dispatcher::bench
