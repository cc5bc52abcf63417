// The lock on a real Consul, and transactions that check it.
#include "dispatcher/leader/consul_lock.h"

#include "dispatcher/leader/holder.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using LockCode = LockAnswer::Code;
using What = LockAsk::What;
using std::chrono::seconds;

std::string FreshLockKey() {
  static int number = 0;
  return "test/lock a-" + std::to_string(++number);  // with a blank: keys are encoded
}

// One dispatcher's view of a lock.
class LockClient {
 public:
  LockClient(const std::string& url, const std::string& key, const std::string& token = "",
             Duration ttl = seconds(10))
      : store_([&] {
          ConsulLockOptions options;
          options.url = Url::Parse(url).value();
          options.key = key;
          options.ttl = ttl;
          options.token = Secret::Load("leader.token_file", "", token).value();
          return options;
        }()) {}

  LockAnswer Do(What what) { return Do(what, session); }
  LockAnswer Do(What what, const std::string& of) {
    LockAnswer answer = store_.Do({what, of, "value of " + of}, seconds(5), Cancel());
    if (what == What::kCreate) {
      session = answer.session;
    }
    return answer;
  }
  LockAnswer Watch(uint64_t index, Duration wait = seconds(5)) { return store_.Watch(index, wait, Cancel()); }

  std::string session;

 private:
  ConsulLock store_;
};

RealConsul* LockConsul() {
  std::string why;
  RealConsul* real = SharedConsul(why);
  if (real == nullptr) {
    WARN(why);
  }
  return real;
}

TEST_CASE("a lock of the real Consul goes from hand to hand", "[leader]") {
  RealConsul* real = LockConsul();
  if (real == nullptr) {
    return;
  }
  const std::string key = FreshLockKey();
  LockClient a(real->server->url(), key), b(real->server->url(), key);
  const LockAnswer none = a.Watch(0);
  REQUIRE(none.code == LockCode::kDone);
  CHECK_FALSE(none.view.there);
  CHECK(none.view.index > 0);
  REQUIRE(a.Do(What::kCreate).code == LockCode::kDone);
  REQUIRE(b.Do(What::kCreate).code == LockCode::kDone);
  CHECK(a.Do(What::kAcquire).code == LockCode::kDone);
  CHECK(a.Do(What::kAcquire).code == LockCode::kDone);
  CHECK(b.Do(What::kAcquire).code == LockCode::kNotNow);
  CHECK(a.Do(What::kRenew).code == LockCode::kDone);
  const LockAnswer held = b.Watch(none.view.index);
  CHECK(held.view.there);
  CHECK(held.view.session == a.session);
  CHECK(held.view.value == "value of " + a.session);
  CHECK(b.Do(What::kLook).view.session == a.session);
  // By its own session it is free at once, and the key stays.
  CHECK(a.Do(What::kRelease).code == LockCode::kDone);
  const LockAnswer freed = b.Watch(held.view.index);
  CHECK(freed.view.there);
  CHECK(freed.view.session.empty());
  CHECK(b.Do(What::kAcquire).code == LockCode::kDone);
  CHECK(a.Do(What::kLook).view.session == b.session);
  // With its session the lock goes as well, after a delay.
  CHECK(b.Do(What::kDestroy).code == LockCode::kDone);
  CHECK(a.Do(What::kAcquire).code == LockCode::kNotNow);
  CHECK(WaitFor([&] { return a.Do(What::kAcquire).code == LockCode::kDone; }));
  CHECK(b.Do(What::kRenew).code == LockCode::kSessionGone);
  CHECK(b.Do(What::kAcquire).code == LockCode::kSessionGone);
  a.Do(What::kDestroy);
}

TEST_CASE("the session of a lock lives by its TTL alone", "[leader]") {
  RealConsul* real = LockConsul();
  if (real == nullptr) {
    return;
  }
  LockClient client(real->server->url(), FreshLockKey());
  REQUIRE(client.Do(What::kCreate).code == LockCode::kDone);
  const auto session = real->server->Get("/v1/session/info/" + client.session);
  REQUIRE(session.ok());
  const JsonView info = session->root().At(0);
  CHECK(info["TTL"].StringOr("") == "10s");
  CHECK(info["LockDelay"].IntOr(0) == 1'000'000'000);
  CHECK(info["Behavior"].StringOr("") == "release");
  CHECK(info["NodeChecks"].size() == 0);  // serfHealth would end it before its TTL
  client.Do(What::kDestroy);
}

TEST_CASE("what Consul refuses about a lock is told apart, with the remedy", "[leader]") {
  RealConsul* real = LockConsul();
  if (real == nullptr) {
    return;
  }
  LockClient brief(real->server->url(), "test/brief", "", seconds(5));
  const LockAnswer refused = brief.Do(What::kCreate);
  CHECK(refused.code == LockCode::kRefused);
  CHECK(refused.error.find("Invalid Session TTL") != std::string::npos);

  LockClient nobody("http://127.0.0.1:1", "test/nobody");
  CHECK(nobody.Do(What::kCreate).code == LockCode::kSilent);
  CHECK(nobody.Watch(0).code == LockCode::kSilent);

  const std::string key = "test/guarded";
  for (const std::string& token : {std::string(), std::string("no-such-token")}) {
    LockClient client(real->guarded->url(), key, token);
    const LockAnswer denied = client.Do(What::kCreate);
    CHECK(denied.code == LockCode::kDenied);
    CHECK(denied.error.find("leader.token_file") != std::string::npos);
    CHECK(denied.error.find("key_prefix \"" + key + "\" { policy = \"write\" }") != std::string::npos);
    CHECK(denied.error.find("session_prefix \"\" { policy = \"write\" }") != std::string::npos);
    CHECK(denied.error.find("no-such-token") == std::string::npos);
  }
  // What the message says is enough.
  const std::string rules =
      "session_prefix \"\" { policy = \"write\" } key_prefix \"" + key + "\" { policy = \"write\" }";
  const absl::StatusOr<std::string> token = real->guarded->CreateToken(rules);
  REQUIRE(token.ok());
  LockClient client(real->guarded->url(), key, *token);
  REQUIRE(client.Do(What::kCreate).code == LockCode::kDone);
  CHECK(client.Do(What::kAcquire).code == LockCode::kDone);
  CHECK(client.Do(What::kRenew).code == LockCode::kDone);
  CHECK(client.Do(What::kLook).view.session == client.session);
  CHECK(client.Watch(0).view.session == client.session);
  CHECK(client.Do(What::kRelease).code == LockCode::kDone);
  CHECK(client.Do(What::kDestroy).code == LockCode::kDone);
}

TEST_CASE("a transaction of one who has lost the lock is not carried out", "[leader]") {
  RealConsul* real = LockConsul();
  if (real == nullptr) {
    return;
  }
  const std::string key = FreshLockKey(), owner = FreshOwner();
  ConsulOptions options = RealOptions(*real, owner, "catalog");
  options.leader_key = key;
  const auto adapter = MakeConsulAdapter(options).value();
  LockClient lock(real->server->url(), key);
  REQUIRE(lock.Do(What::kCreate).code == LockCode::kDone);
  REQUIRE(lock.Do(What::kAcquire).code == LockCode::kDone);
  // More than a transaction takes, the check not counted.
  std::vector<TaskSpec> tasks;
  for (int i = 0; i < 70; ++i) {
    tasks.push_back({"web." + std::to_string(i), "10.0.0." + std::to_string(i % 3 + 1)});
  }
  const Entries wanted = Rendered(*adapter, MakeService("/web", tasks));
  adapter->SetFence({lock.session, true});
  CHECK(AllOk(WriteAll(*adapter, Puts(wanted))));
  CHECK(Difference(*adapter, wanted) == "");

  const std::string how = GENERATE("released", "deleted", "another's");
  CAPTURE(how);
  LockClient other(real->server->url(), key);
  if (how == "deleted") {
    HttpClientOptions http;
    http.base = Url::Parse(real->server->url()).value();
    HttpRequest request;
    request.method = "DELETE";
    request.target = "/v1/kv/test?recurse";
    REQUIRE(HttpClient(http).Call(request, Cancel())->status == 200);
  } else {
    REQUIRE(lock.Do(What::kRelease).code == LockCode::kDone);
  }
  if (how == "another's") {
    REQUIRE(other.Do(What::kCreate).code == LockCode::kDone);
    REQUIRE(other.Do(What::kAcquire).code == LockCode::kDone);
  }
  for (const absl::Status& status : WriteAll(*adapter, Deletes(wanted))) {
    CHECK(absl::IsCancelled(status));
  }
  CHECK(Difference(*adapter, wanted) == "");
  adapter->SetFence({});  // no lock: nothing is checked
  CHECK(AllOk(WriteAll(*adapter, Deletes(wanted))));
  lock.Do(What::kDestroy);
}

TEST_CASE("a token that may not read the lock's key is told what it lacks", "[leader]") {
  RealConsul* real = LockConsul();
  if (real == nullptr) {
    return;
  }
  const std::string key = "hidden/lock", owner = FreshOwner();
  LockClient lock(real->guarded->url(), key, real->guarded->master_token());
  REQUIRE(lock.Do(What::kCreate).code == LockCode::kDone);
  REQUIRE(lock.Do(What::kAcquire).code == LockCode::kDone);
  const absl::StatusOr<std::string> token =
      real->guarded->CreateToken(R"(service_prefix "" {policy="write"} node_prefix "" {policy="write"})");
  REQUIRE(token.ok());
  ConsulOptions options;
  options.url = real->guarded->url();
  options.owner = owner;
  options.token = *token;
  options.leader_key = key;
  const auto adapter = MakeConsulAdapter(options).value();
  adapter->SetFence({lock.session, true});
  const Entries wanted = Rendered(*adapter, MakeService("/web", {{"web.1", "10.0.0.1"}}));
  for (const absl::Status& status : WriteAll(*adapter, Puts(wanted))) {
    CHECK(absl::IsPermissionDenied(status));
    CHECK(Message(status).find("key_prefix") != std::string::npos);
  }
  lock.Do(What::kDestroy);
}

TEST_CASE("what the lock's value says of its holder is read again", "[leader]") {
  const Holder self = ThisProcess("shop", "10.0.0.1:8090");
  CHECK(HolderOf(ToJson(self)) == self);
  CHECK(self.pid > 0);
  CHECK(TextOf(self).find("process " + std::to_string(self.pid) + ", http 10.0.0.1:8090") !=
        std::string::npos);
  CHECK(HolderOf("no JSON") == Holder());
  CHECK(TextOf(Holder()) == "somebody unknown");
}

}  // namespace
}  // namespace dispatcher::testing
