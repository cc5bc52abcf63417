// Vulcand's engine etcd on a real etcd alone: what it writes, whatever becomes of it. For
// where no Vulcand can be had, and for what an etcd can't be told to do.
#include <utility>

#include "adapters/vulcand/etcd.h"
#include "adapters/vulcand/vulcand.h"
#include "dispatcher/base/mutex.h"
#include "tests/contract/subjects.h"
#include "tests/support/catch.h"
#include "tests/support/counting_proxy.h"

namespace dispatcher::testing {
namespace {

const std::string kRoot = "vulcand/";

HttpReply Failure(int status, const std::string& error) {
  HttpReply reply;
  reply.status = status;
  reply.body = "{\"error\":\"" + error + "\",\"code\":14}";
  return reply;
}

class EtcdSubject : public Subject {
 public:
  explicit EtcdSubject(const EtcdServer& server) : etcd_(At(server.url())), proxy_(server.url()) {
    Empty();
    lose_data = [this] { Empty(); };
    fail_next_write = [this] { Next(Fault::kFailWrite); };
    lose_next_answer = [this] { Next(Fault::kLoseAnswer); };
    break_next_read = {[this] { Next(Fault::kFailRead); }, [this] { Next(Fault::kOddRead); },
                       [this] { Next(Fault::kCutRead); }};
    deny = [this](bool on) { Next(on ? Fault::kDeny : Fault::kNone); };
    hold = [this](bool on) { Next(on ? Fault::kHold : Fault::kNone); };
    proxy_.Meddle(
        [this](const HttpCall& call, const CountingProxy::Passing& pass) { return Answer(call, pass); });
  }
  ~EtcdSubject() override { Next(Fault::kNone); }

  std::unique_ptr<Adapter> Make(const std::string& owner) override {
    VulcandOptions options;
    options.owner = owner;
    options.url = "http://127.0.0.1:1";  // nobody there to ask
    options.engine = "etcd";
    options.etcd_url = proxy_.url();
    options.listeners = true;
    return *MakeVulcandAdapter(options);
  }
  void PutForeign(const std::string& owner) override {
    std::vector<EtcdOperation> puts;
    for (const std::string& key : Foreign(owner)) {
      puts.push_back({true, key, "{}", ""});
    }
    REQUIRE(etcd_.Txn(puts, Cancel()).ok());
  }
  bool HasForeign(const std::string& owner) override {
    const auto keys = etcd_.Range(kRoot, Cancel());
    for (const std::string& key : Foreign(owner)) {
      if (!keys.ok() || !keys->contains(key)) {
        return false;
      }
    }
    return true;
  }

 private:
  enum class Fault { kNone, kFailWrite, kLoseAnswer, kFailRead, kOddRead, kCutRead, kDeny, kHold };

  static HttpClientOptions At(const std::string& url) {
    HttpClientOptions options;
    options.base = *Url::Parse(url);
    return options;
  }
  // An id without its end, another owner of which ours is the beginning, one that a person
  // chose, and what is no object of Vulcand at all.
  static std::vector<std::string> Foreign(const std::string& owner) {
    std::vector<std::string> keys = {kRoot + "listeners/" + owner, kRoot + owner};
    for (const std::string& id : {owner + "._web.0", owner + "x._web.0.~", "web-" + owner}) {
      keys.push_back(kRoot + "backends/" + id + "/backend");
      keys.push_back(kRoot + "backends/" + id + "/servers/web.1.0.~");
      keys.push_back(kRoot + "frontends/" + id + "/frontend");
      keys.push_back(kRoot + "listeners/" + id);
    }
    return keys;
  }

  void Empty() {
    const auto keys = etcd_.Range(kRoot, Cancel());
    REQUIRE(keys.status() == absl::OkStatus());
    std::vector<EtcdOperation> deletes;
    for (const auto& [key, value] : *keys) {
      deletes.push_back({false, key, "", ""});
    }
    REQUIRE(deletes.size() <= 128);
    REQUIRE(etcd_.Txn(deletes, Cancel()).ok());
  }

  void Next(Fault fault) {
    MutexLock lock(mutex_);
    fault_ = fault;
    changed_.NotifyAll();
  }
  HttpReply Answer(const HttpCall& call, const CountingProxy::Passing& pass) {
    const bool write = call.path.ends_with("/txn");
    Fault fault = Fault::kNone;
    {
      MutexLock lock(mutex_);
      while (write && fault_ == Fault::kHold) {
        changed_.Wait(mutex_);
      }
      const bool of_writes = fault_ == Fault::kFailWrite || fault_ == Fault::kLoseAnswer;
      if (fault_ == Fault::kDeny || of_writes == write) {
        fault = fault_;
      }
      fault_ = fault_ == fault && fault != Fault::kDeny ? Fault::kNone : fault_;
    }
    switch (fault) {
      case Fault::kDeny:
        return Failure(403, "etcdserver: permission denied");
      case Fault::kFailWrite:
      case Fault::kFailRead:
        return Failure(503, "etcdserver: no leader");
      case Fault::kLoseAnswer:
        (void)pass(call);
        return Failure(503, "etcdserver: request timed out");
      default:
        break;
    }
    HttpReply reply = pass(call);
    if (fault == Fault::kOddRead) {
      reply.body = "{}";
    } else if (fault == Fault::kCutRead) {
      reply.body.resize(reply.body.size() / 2);
    }
    return reply;
  }

  EtcdGateway etcd_;
  Mutex mutex_;
  CondVar changed_;
  Fault fault_ ABSL_GUARDED_BY(mutex_) = Fault::kNone;
  CountingProxy proxy_;  // last: its threads use all of the above
};

}  // namespace

EtcdServer* SharedEtcd(std::string& why) {
  static const absl::StatusOr<std::unique_ptr<EtcdServer>> server = EtcdServer::Start();
  why = server.ok() ? "" : std::string(Message(server.status()));
  return server.ok() ? server->get() : nullptr;
}

std::vector<SubjectMaker> EtcdSubjects() {
  return {{"etcd v3 alone, Vulcand's engine etcd", [](std::string& why) -> std::unique_ptr<Subject> {
             EtcdServer* const server = SharedEtcd(why);
             return server == nullptr ? nullptr : std::make_unique<EtcdSubject>(*server);
           }}};
}

}  // namespace dispatcher::testing
