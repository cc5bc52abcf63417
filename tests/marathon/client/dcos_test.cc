// The login of a DC/OS service account: what is sent is checked by the program openssl.
#include <algorithm>
#include <fstream>

#include "dispatcher/base/json.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/marathon/client/nodes.h"
#include "dispatcher/net/jwt.h"
#include "dispatcher/net/server.h"
#include "tests/support/catch.h"
#include "tests/support/certificates.h"

namespace dispatcher {
namespace {

using testing::RunOpenssl;
using testing::TempDir;

class SteppedClock final : public Clock {
 public:
  Mono Now() const override { return Mono(now); }
  WallMs Wall() const override { return 1'700'000'000'000 + now / std::chrono::milliseconds(1); }
  Duration now = std::chrono::hours(1);
};

std::string FromBase64Url(std::string_view part) {
  std::string text(part);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  return FromBase64(text).value();
}

// A token that ends then, signed by nobody.
std::string TokenUntil(int64_t seconds) {
  return "e30." + Base64(R"({"exp":)" + std::to_string(seconds) + "}") + ".x";
}

// Admin Router's login, which says what a test wants.
class LoginServer {
 public:
  LoginServer() {
    server_.HandleRest([this](const HttpCall& call) {
      MutexLock lock(mutex_);
      asked_ = call.method + " " + call.path;
      body_ = call.body;
      ++logins_;
      return answer_;
    });
    REQUIRE(server_.Start("127.0.0.1", 0).ok());
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  void Answer(int status, std::string body) {
    MutexLock lock(mutex_);
    answer_.status = status;
    answer_.body = std::move(body);
  }
  void Grant(const std::string& token) { Answer(200, R"({"token":")" + token + "\"}"); }
  int logins() const { return Locked(logins_); }
  std::string asked() const { return Locked(asked_); }
  std::string body() const { return Locked(body_); }

 private:
  template <typename Value>
  Value Locked(const Value& value) const {
    MutexLock lock(mutex_);
    return value;
  }
  mutable Mutex mutex_;
  std::string asked_, body_;
  int logins_ = 0;
  HttpReply answer_;
  HttpServer server_;
};

struct Account {
  Account() {
    RunOpenssl("genrsa -out " + dir.path() + "/key.pem 2048");
    RunOpenssl("rsa -in " + dir.path() + "/key.pem -pubout -out " + dir.path() + "/public.pem");
    settings.urls = {login.url() + "/service/marathon"};
    settings.dcos_uid = "dispatcher-1";
    settings.dcos_key_file = dir.path() + "/key.pem";
  }
  absl::StatusOr<HttpHeaders> Headers() {
    if (nodes == nullptr) {
      nodes = Nodes::Make(settings, clock).value();
    }
    return nodes->HeadersFor(nodes->configured().front(), {});
  }
  std::string Authorization() {
    const auto headers = Headers();
    return headers.ok() ? std::string(FindHeader(*headers, "Authorization")) : Text(headers.status());
  }

  TempDir dir;
  LoginServer login;
  MarathonSettings settings;
  SteppedClock clock;
  std::shared_ptr<Nodes> nodes;
};

TEST_CASE("a service account logs in with a token that its key has signed") {
  Account account;
  account.login.Grant("granted-1");
  CHECK(account.Authorization() == "token=granted-1");
  CHECK(account.login.asked() == "POST /acs/api/v1/auth/login");
  const auto body = JsonDocument::Parse(account.login.body());
  REQUIRE(body.ok());
  CHECK(body->root()["uid"].StringOr("") == "dispatcher-1");
  const std::string token = body->root()["token"].StringOr("");
  const std::vector<std::string_view> parts = Split(token, '.');
  REQUIRE(parts.size() == 3);
  CHECK(token.find_first_of("+/=") == std::string::npos);
  CHECK(FromBase64Url(parts[0]) == R"({"alg":"RS256","typ":"JWT"})");
  const auto claims = JsonDocument::Parse(FromBase64Url(parts[1]));
  CHECK(claims->root()["uid"].StringOr("") == "dispatcher-1");
  CHECK(claims->root()["exp"].IntOr(0) == account.clock.Wall() / 1000 + 300);
  const std::string& folder = account.dir.path();
  std::ofstream(folder + "/text") << parts[0] << "." << parts[1];
  std::ofstream(folder + "/signature", std::ios::binary) << FromBase64Url(parts[2]);
  RunOpenssl("dgst -sha256 -verify " + folder + "/public.pem -signature " + folder + "/signature " + folder +
             "/text");
}

TEST_CASE("the login is made again after a 401 and before its token ends, and not otherwise") {
  Account account;
  const int64_t now = account.clock.Wall() / 1000;
  account.login.Grant(TokenUntil(now + 3600));
  const std::string first = account.Authorization();
  account.clock.now += std::chrono::seconds(3600 - 300 - 1);
  CHECK(account.Authorization() == first);
  CHECK(account.login.logins() == 1);
  account.clock.now += std::chrono::seconds(1);
  account.login.Grant("endless");
  CHECK(account.Authorization() == "token=endless");
  CHECK(account.login.logins() == 2);
  account.clock.now += std::chrono::hours(10'000);
  CHECK(account.Authorization() == "token=endless");
  CHECK(account.login.logins() == 2);
  account.login.Grant("after-401");
  CHECK(account.nodes->Refused(account.nodes->configured().front()));
  CHECK(account.Authorization() == "token=after-401");
  CHECK(account.login.logins() == 3);
  // One that has ended already is used all the same, and not asked for at each question.
  account.login.Grant(TokenUntil(1));
  account.nodes->Refused(account.nodes->configured().front());
  account.Authorization();
  account.Authorization();
  CHECK(account.login.logins() == 4);
}

TEST_CASE("a login that fails says why, and nothing of what was answered") {
  struct Case {
    int status;
    const char *body, *says;
    absl::StatusCode code;
  };
  for (const Case& c : {
           Case{401, "planted", "is there an account dispatcher-1", absl::StatusCode::kPermissionDenied},
           Case{403, "planted", "marathon.dcos_uid", absl::StatusCode::kPermissionDenied},
           Case{404, "planted", "see marathon.dcos_login_url", absl::StatusCode::kUnavailable},
           Case{200, "<planted>", "without a token", absl::StatusCode::kUnavailable},
           Case{200, R"({"token":"planted\r\nX: y"})", "without a token", absl::StatusCode::kUnavailable},
           Case{200, R"({"token":7,"x":"planted"})", "without a token", absl::StatusCode::kUnavailable},
       }) {
    INFO(c.status << " " << c.body);
    Account account;
    account.login.Answer(c.status, c.body);
    const absl::Status status = account.Headers().status();
    INFO(Text(status));
    CHECK(status.code() == c.code);
    CHECK(Message(status).find(c.says) != std::string_view::npos);
    CHECK(Message(status).find("planted") == std::string_view::npos);
    account.login.Grant("granted");
    CHECK(account.Authorization() == "token=granted");
  }
  Account account;
  account.settings.dcos_login_url = account.login.url() + "/elsewhere";
  account.login.Grant("granted");
  CHECK(account.Authorization() == "token=granted");
  CHECK(account.login.asked() == "POST /elsewhere");
  std::ofstream(account.settings.dcos_key_file) << "planted\n";
  account.nodes = nullptr;
  const absl::Status status = account.Headers().status();
  INFO(Text(status));
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(Message(status).starts_with("marathon.dcos_key_file: " + account.settings.dcos_key_file));
  CHECK(Message(status).find("planted") == std::string_view::npos);
}

TEST_CASE("the end of a token is read where it says one") {
  CHECK(ExpiryOfJwt(TokenUntil(7)) == 7);
  for (const char* const text : {"", "a.b", "a.!.c", "a.e30.c", "a.eyJleHAiOiJ4In0.c", "a.b.c.d"}) {
    INFO(text);
    CHECK_FALSE(ExpiryOfJwt(text).has_value());
  }
}

}  // namespace
}  // namespace dispatcher
