#include "tests/e2e/reign/wire.h"

#include <algorithm>
#include <utility>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"

namespace dispatcher::testing {
namespace {

using What = LockCall::What;

// The dispatcher asks for the lock with less patience than that; what comes later, nobody hears.
constexpr std::chrono::seconds kHeardWithin(5);
// A cut read holds one of the proxy's threads.
constexpr std::chrono::seconds kReadHeld(8);

// No cut lasts so long.
constexpr std::chrono::minutes kForEver(10);

HttpReply Unheard() { return Saying(503, ""); }

std::string QueryOf(const HttpCall& call, std::string_view name) {
  for (const auto& [key, value] : call.query) {
    if (key == name) {
      return value;
    }
  }
  return "";
}

// What is asked about the lock, and for which session ("" for a new one).
std::pair<What, std::string> LockAskOf(const HttpCall& call) {
  const std::string last = call.path.substr(call.path.rfind('/') + 1);
  if (call.path == "/v1/session/create") {
    return {What::kSession, ""};
  }
  if (call.path.starts_with("/v1/session/renew/")) {
    return {What::kSession, last};
  }
  if (call.path.starts_with("/v1/session/destroy/")) {
    return {What::kRelease, last};
  }
  const std::string acquire = QueryOf(call, "acquire");
  return acquire.empty() ? std::pair(What::kRelease, QueryOf(call, "release"))
                         : std::pair(What::kAcquire, acquire);
}

// Of a transaction of Consul: the session that it checks first.
std::string FenceOf(const std::string& body) {
  const auto document = JsonDocument::Parse(body);
  std::string session;
  if (document.ok()) {
    document->root().ForEach([&](JsonView operation) {
      if (operation["KV"]["Verb"].StringOr("") == "check-session") {
        session = operation["KV"]["Session"].StringOr("");
      }
    });
  }
  return session;
}

// Consul's: a refused transaction names each operation that did not hold.
bool RefusedByFence(const HttpReply& reply) {
  return reply.status == 409 && reply.body.find("\"OpIndex\":0") != std::string::npos &&
         reply.body.find("session") != std::string::npos;
}

bool RemovesTasksOnly(const HttpCall& call) {
  if (call.path == "/v1/txn") {
    return call.body.find("\"Verb\":\"set\"") == std::string::npos &&
           call.body.find("\"Node\":{\"Verb\"") == std::string::npos;
  }
  return call.method == "DELETE" && call.path.find("/servers/") != std::string::npos;
}

}  // namespace

Wire::Wire(WireOptions options, Record& record)
    : options_(std::move(options)), record_(record), proxy_(options_.upstream) {
  proxy_.Meddle(
      [this](const HttpCall& call, const CountingProxy::Passing& pass) { return Take(call, pass); });
}

Wire::~Wire() {
  CutLock(false);
  CutRegistry(false);
  Slow({});
}

void Wire::CutLock(bool cut) {
  MutexLock lock(mutex_);
  lock_cut_ = cut;
  changed_.NotifyAll();
}

void Wire::CutRegistry(bool cut) {
  MutexLock lock(mutex_);
  registry_cut_ = cut;
  changed_.NotifyAll();
}

void Wire::Slow(Duration by) {
  MutexLock lock(mutex_);
  slow_by_ = by;
  changed_.NotifyAll();
}

int Wire::Pending() const {
  MutexLock lock(mutex_);
  return pending_;
}

bool Wire::WaitWhole(bool of_lock, Mono until) {
  MutexLock lock(mutex_);
  while ((of_lock ? lock_cut_ : registry_cut_) && changed_.WaitUntil(mutex_, until)) {
  }
  return !(of_lock ? lock_cut_ : registry_cut_);
}

void Wire::WaitOut() {
  MutexLock lock(mutex_);
  const Mono begun = MonoClock::now();
  while (MonoClock::now() < begun + slow_by_) {
    changed_.WaitUntil(mutex_, begun + slow_by_);
  }
}

HttpReply Wire::Take(const HttpCall& call, const CountingProxy::Passing& pass) {
  const bool of_lock = !options_.lock_key.empty() &&
                       (call.path.starts_with("/v1/session/") || call.path == "/v1/kv/" + options_.lock_key);
  if (call.method == "GET") {
    return TakeRead(call, of_lock, pass);
  }
  {
    MutexLock lock(mutex_);
    ++pending_;
  }
  HttpReply reply = of_lock ? TakeLockCall(call, pass) : TakeWrite(call, pass);
  MutexLock lock(mutex_);
  --pending_;
  return reply;
}

HttpReply Wire::TakeRead(const HttpCall& call, bool of_lock, const CountingProxy::Passing& pass) {
  const Mono begun = MonoClock::now();
  // A question who has it, and not a wait for a change.
  const bool look = of_lock && call.path.starts_with("/v1/kv/") && QueryOf(call, "index").empty();
  const size_t asked =
      look ? record_.Asked({.what = What::kLook, .who = options_.who, .session = "", .begun = begun}) : 0;
  HttpReply reply = PassRead(call, of_lock, pass);
  if (look) {
    const Mono now = MonoClock::now();
    record_.Answered(asked, "", now, reply.status == 200 && now - begun < kHeardWithin);
  }
  return reply;
}

HttpReply Wire::PassRead(const HttpCall& call, bool of_lock, const CountingProxy::Passing& pass) {
  if (!WaitWhole(of_lock, MonoClock::now() + kReadHeld)) {
    return Unheard();
  }
  if (!of_lock) {
    WaitOut();
  }
  HttpReply reply = pass(call);
  return WaitWhole(of_lock, MonoClock::now() + kReadHeld) ? reply : Unheard();
}

HttpReply Wire::TakeLockCall(const HttpCall& call, const CountingProxy::Passing& pass) {
  auto [what, session] = LockAskOf(call);
  const Mono begun = MonoClock::now();
  const size_t asked = record_.Asked({.what = what, .who = options_.who, .session = session, .begun = begun});
  WaitWhole(true, begun + kForEver);
  HttpReply reply = pass(call);
  WaitWhole(true, begun + kForEver);
  if (session.empty() && reply.status == 200) {
    const auto document = JsonDocument::Parse(reply.body);
    session = document.ok() ? document->root()["ID"].StringOr("") : "";
  }
  const Mono now = MonoClock::now();
  const bool heard = now - begun < kHeardWithin;
  const bool granted = reply.status == 200 && (what != What::kAcquire || Trim(reply.body) == "true");
  record_.Answered(asked, session, now, granted && heard);
  return heard ? reply : Unheard();
}

HttpReply Wire::TakeWrite(const HttpCall& call, const CountingProxy::Passing& pass) {
  Write write;
  write.who = options_.who;
  write.registry = options_.registry;
  write.begun = MonoClock::now();
  write.removes = RemovesTasksOnly(call);
  write.text = call.method + " " + call.path;
  if (!options_.lock_key.empty()) {
    write.session = FenceOf(call.body);
    write.text += write.removes ? " " + call.body : "";
  }
  WaitWhole(false, write.begun + kForEver);
  WaitOut();
  write.passed = MonoClock::now();
  HttpReply reply = pass(call);
  write.answer = reply.status / 100 == 2 ? Write::Answer::kDone
                 : RefusedByFence(reply) ? Write::Answer::kFenced
                                         : Write::Answer::kOther;
  record_.Wrote(std::move(write));
  return WaitWhole(false, MonoClock::now() + kReadHeld) ? reply : Unheard();
}

}  // namespace dispatcher::testing
