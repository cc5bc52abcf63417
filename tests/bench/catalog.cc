#include "tests/bench/catalog.h"

#include "adapters/consul/catalog_adapter.h"
#include "adapters/consul/registration.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "tests/support/wait.h"

namespace dispatcher::bench {
namespace {

constexpr Duration kQuiet = std::chrono::milliseconds(250);
// Between two questions.
constexpr Duration kApart = std::chrono::milliseconds(2);

}  // namespace

HttpClientOptions HttpOptions(const std::string& url) {
  HttpClientOptions options;
  options.base = Url::Parse(url).value();
  options.read_timeout = std::chrono::seconds(60);
  return options;
}

absl::StatusOr<Contents> Compare(HttpClient& client, const Apps& apps, std::string_view owner) {
  std::set<std::string> wanted, nodes;
  for (int app = 0; app < apps.size(); ++app) {
    for (const Task& task : apps.Tasks(app)) {
      const std::string node = NodeName(owner, task.host);
      wanted.insert(node + "/" + ServiceId(owner, task.id, 0, 0));
      nodes.insert(node);
    }
  }
  Contents contents;
  contents.wanted = wanted.size();
  for (const std::string& node : nodes) {
    HttpRequest request;
    request.target = "/v1/catalog/node/" + node + "?stale";
    ASSIGN_OR_RETURN(const HttpResponse answer, client.Call(request, Cancel()));
    ASSIGN_OR_RETURN(const JsonDocument document, JsonDocument::Parse(answer.body));
    document.root()["Services"].ForEachMember([&](std::string_view id, JsonView /*service*/) {
      const bool belongs = wanted.contains(node + "/" + std::string(id));
      ++(belongs ? contents.present : contents.surplus);
    });
  }
  return contents;
}

LastChange::LastChange(const std::string& consul_url, const std::string& node)
    : client_(HttpOptions(consul_url)),
      checker_(HttpOptions(consul_url)),
      target_("/v1/catalog/node-services/" + node + "?stale"),
      changed_(MonoClock::now()),
      thread_([this] { Ask(); }) {}

LastChange::~LastChange() {
  {
    MutexLock lock(mutex_);
    ending_ = true;
    ended_.NotifyAll();
  }
  thread_.join();
}

void LastChange::Ask() {
  HttpRequest request;
  request.target = target_;
  MutexLock lock(mutex_);
  while (!ending_) {
    mutex_.unlock();
    const auto answer = client_.Call(request, Cancel());
    const Mono now = MonoClock::now();
    mutex_.lock();
    const auto index = answer.ok() ? ParseInt(FindHeader(answer->headers, "X-Consul-Index")) : std::nullopt;
    if (index && *index != index_) {
      index_ = *index;
      changed_ = now;
    }
    ended_.WaitUntil(mutex_, now + kApart);
  }
}

absl::StatusOr<Mono> LastChange::Await(const Apps& apps, std::string_view owner, std::chrono::seconds limit) {
  Mono last, checked;
  Contents contents;
  absl::Status failure;
  const bool complete = testing::WaitFor(
      [&] {
        {
          MutexLock lock(mutex_);
          last = changed_;
        }
        if (last == checked || MonoClock::now() - last < kQuiet) {
          return false;
        }
        checked = last;
        const auto found = Compare(checker_, apps, owner);
        failure = found.status();
        contents = found.ok() ? *found : Contents();
        return found.ok() && contents.Complete();
      },
      limit);
  RETURN_IF_ERROR(failure);
  if (!complete) {
    return Error(absl::StatusCode::kDeadlineExceeded, "the catalog holds ", std::to_string(contents.present),
                 " of ", std::to_string(contents.wanted), " entries and ", std::to_string(contents.surplus),
                 " that should be gone");
  }
  return last;
}

}  // namespace dispatcher::bench
