// The client against OpenSSL's own test server.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "dispatcher/base/strings.h"
#include "dispatcher/net/client.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

void Run(const std::string& command) {
  INFO(command << " (is the package openssl installed?)");
  REQUIRE(std::system(command.c_str()) == 0);
}

// A folder with a key and a certificate for 127.0.0.1 that signs itself.
struct Certificate {
  Certificate() {
    std::string pattern = (std::filesystem::temp_directory_path() / "dispatcher-tls-XXXXXX").string();
    REQUIRE(mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
    Run("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=dispatcher-test"
        " -addext subjectAltName=IP:127.0.0.1 -keyout " +
        folder + "/key.pem -out " + folder + "/cert.pem 2>/dev/null");
  }
  ~Certificate() { std::filesystem::remove_all(folder); }
  std::string cert() const { return folder + "/cert.pem"; }
  std::string key() const { return folder + "/key.pem"; }
  std::string folder;
};

// `openssl s_server` answering every GET with a page, on a port of its choice.
class TlsServer {
 public:
  TlsServer(const Certificate& certificate, bool ask_for_client) {
    std::array<int, 2> out{};
    REQUIRE(pipe(out.data()) == 0);
    std::vector<std::string> words = {"openssl", "s_server",         "-accept", "127.0.0.1:0",    "-www",
                                      "-cert",   certificate.cert(), "-key",    certificate.key()};
    if (ask_for_client) {
      words.insert(words.end(), {"-Verify", "1", "-verify_return_error", "-CAfile", certificate.cert()});
    }
    std::vector<char*> argv;
    for (std::string& word : words) {
      argv.push_back(word.data());
    }
    argv.push_back(nullptr);
    child_ = fork();
    if (child_ == 0) {
      dup2(out[1], STDOUT_FILENO);
      dup2(out[1], STDERR_FILENO);
      execvp(argv[0], argv.data());
      _exit(127);
    }
    close(out[1]);
    output_ = fdopen(out[0], "r");
    std::array<char, 200> line{};
    while (port_ == 0 && std::fgets(line.data(), line.size(), output_) != nullptr) {
      const std::string_view text = Trim(line.data());
      if (text.starts_with("ACCEPT ")) {
        port_ = static_cast<int>(ParseInt(text.substr(text.rfind(':') + 1)).value_or(0));
      }
    }
  }
  ~TlsServer() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    std::fclose(output_);
  }
  int port() const { return port_; }

 private:
  pid_t child_ = -1;
  std::FILE* output_ = nullptr;
  int port_ = 0;
};

absl::StatusOr<HttpResponse> GetByTls(HttpClientOptions options, const std::string& host, int port) {
  options.base.scheme = "https";
  options.base.host = host;
  options.base.port = port;
  return HttpClient(options).Call(HttpRequest(), {});
}

TEST_CASE("the server's certificate must be trusted and be for this host") {
  const Certificate certificate;
  const TlsServer server(certificate, false);
  REQUIRE(server.port() > 0);
  HttpClientOptions options;
  const absl::Status untrusted = GetByTls(options, "127.0.0.1", server.port()).status();
  CHECK(untrusted.code() == absl::StatusCode::kUnavailable);
  CHECK(Message(untrusted).find("not trusted") != std::string_view::npos);

  options.ca_file = certificate.cert();
  const auto trusted = GetByTls(options, "127.0.0.1", server.port());
  INFO(Text(trusted.status()));
  REQUIRE(trusted.ok());
  CHECK(trusted->status == 200);
  CHECK(GetByTls(options, "localhost", server.port()).status().code() == absl::StatusCode::kUnavailable);

  options.ca_file = certificate.folder + "/none.pem";
  const absl::Status unreadable = GetByTls(options, "127.0.0.1", server.port()).status();
  CHECK(unreadable.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Message(unreadable).find("none.pem") != std::string_view::npos);
}

TEST_CASE("a client certificate is shown where one is configured") {
  const Certificate certificate;
  const TlsServer server(certificate, true);
  REQUIRE(server.port() > 0);
  HttpClientOptions options;
  options.ca_file = certificate.cert();
  CHECK_FALSE(GetByTls(options, "127.0.0.1", server.port()).ok());
  options.client_cert_file = certificate.cert();
  options.client_key_file = certificate.key();
  const auto answer = GetByTls(options, "127.0.0.1", server.port());
  INFO(Text(answer.status()));
  CHECK(answer.ok());
  options.client_key_file = certificate.folder + "/none.pem";
  const absl::Status unreadable = GetByTls(options, "127.0.0.1", server.port()).status();
  CHECK(unreadable.code() == absl::StatusCode::kFailedPrecondition);
  CHECK(Message(unreadable).find("none.pem") != std::string_view::npos);
}

}  // namespace
}  // namespace dispatcher
