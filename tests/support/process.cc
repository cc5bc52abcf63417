#include "tests/support/process.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <utility>

#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr size_t kMaxOutput = 4u << 20;

// The child's environment and arguments are made before fork: between fork and
// exec of a program with threads nothing may allocate.
std::vector<std::string> Environment(const ProcessOptions& options) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    bool replaced = false;
    for (const auto& [key, value] : options.env) {
      replaced = replaced || text.starts_with(key + "=");
    }
    if (!replaced) {
      all.emplace_back(text);
    }
  }
  for (const auto& [key, value] : options.env) {
    all.push_back(key + "=" + value);
  }
  return all;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) {
    pointers.push_back(text.data());
  }
  pointers.push_back(nullptr);
  return pointers;
}

[[noreturn]] void RunChild(char** argv, char** env, const char* directory, int in, int out, int report) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  dup2(in, STDIN_FILENO);
  dup2(out, STDOUT_FILENO);
  dup2(out, STDERR_FILENO);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (*directory == '\0' || chdir(directory) == 0) {
    execvpe(argv[0], argv, env);
  }
  const int error = errno;
  [[maybe_unused]] const ssize_t told = write(report, &error, sizeof(error));
  _exit(127);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::Start(const std::vector<std::string>& argv,
                                                        const ProcessOptions& options) {
  std::vector<std::string> arguments = argv, environment = Environment(options);
  std::vector<char*> argument_pointers = Pointers(arguments), environment_pointers = Pointers(environment);
  int in[2], out[2], report[2];
  if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0 || pipe2(report, O_CLOEXEC) != 0) {
    return absl::ResourceExhaustedError("no pipes left");
  }
  const pid_t pid = fork();
  if (pid == 0) {
    RunChild(argument_pointers.data(), environment_pointers.data(), options.directory.c_str(), in[0], out[1],
             report[1]);
  }
  close(in[0]);
  close(out[1]);
  close(report[1]);
  int error = 0;
  const ssize_t told = pid < 0 ? 0 : read(report[0], &error, sizeof(error));
  close(report[0]);
  if (pid < 0 || told > 0) {
    close(in[1]);
    close(out[0]);
    if (pid > 0) {
      waitpid(pid, nullptr, 0);
    }
    return Error(absl::StatusCode::kNotFound, argv[0], ": ", std::strerror(error));
  }
  return std::unique_ptr<Process>(new Process(pid, in[1], out[0]));
}

Process::Process(pid_t pid, int in, int out) : pid_(pid), in_(in), out_(out) {
  fcntl(out_, F_SETFL, fcntl(out_, F_GETFL) | O_NONBLOCK);
  reader_ = std::thread([this] { Drain(); });
}

Process::~Process() {
  Kill();
  if (in_ >= 0) {
    close(in_);
  }
  reader_.join();
  close(out_);
}

// Until the last writer of the pipe has gone: the child, and its children if any.
void Process::Drain() {
  pollfd out = {out_, POLLIN, 0};
  do {
    poll(&out, 1, -1);
  } while (Take() >= 0);
}

ssize_t Process::Take() {
  char buffer[65536];
  MutexLock lock(mutex_);
  const ssize_t got = read(out_, buffer, sizeof(buffer));
  if (got < 0) {
    return errno == EINTR || errno == EAGAIN ? 0 : -1;
  }
  output_.append(buffer, static_cast<size_t>(got));
  if (output_.size() > kMaxOutput) {
    output_.erase(0, output_.size() - kMaxOutput / 2);
  }
  return got > 0 ? got : -1;
}

std::string Process::Output() const {
  MutexLock lock(mutex_);
  return output_;
}

absl::Status Process::WaitForOutput(std::string_view text, std::chrono::milliseconds limit) const {
  const auto seen = [&] { return Output().find(text) != std::string::npos; };
  if (WaitFor(seen, limit)) {
    return absl::OkStatus();
  }
  const std::string output = Output();
  return Error(absl::StatusCode::kDeadlineExceeded, "\"", text, "\" was not written; the last lines: ",
               std::string_view(output).substr(output.size() - std::min<size_t>(output.size(), 2000)));
}

bool Process::Reap(bool block) {
  if (exit_.has_value()) {
    return true;
  }
  int status = 0;
  pid_t got = 0;
  do {
    got = waitpid(pid_, &status, block ? 0 : WNOHANG);
  } while (got < 0 && errno == EINTR);
  if (got != pid_) {
    return false;
  }
  exit_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  while (Take() > 0) {  // its last words are still in the pipe
  }
  return true;
}

bool Process::Running() { return !Reap(false); }

void Process::Signal(int signal) {
  if (Running()) {
    kill(pid_, signal);
  }
}

std::optional<int> Process::Wait(std::chrono::milliseconds limit) {
  WaitFor([this] { return Reap(false); }, limit);
  return exit_;
}

int Process::Stop(std::chrono::milliseconds grace) {
  Signal(SIGTERM);
  if (!Wait(grace).has_value()) {
    Kill();
  }
  return *exit_;
}

void Process::Kill() {
  Signal(SIGKILL);
  Reap(true);
}

bool Process::Write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = write(in_, text.data(), text.size());
    if (sent < 0 && errno == EINTR) {
      continue;
    }
    if (sent <= 0) {
      return false;
    }
    text.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

int FreePort(const std::vector<std::string>& addresses) {
  static std::atomic<unsigned> next{static_cast<unsigned>(getpid()) * 101u};
  for (int attempt = 0; attempt < 1000; ++attempt) {
    const int port = 16384 + static_cast<int>(next++ % 14000u);
    bool free = true;
    for (const std::string& address : addresses) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      const int reuse = 1;  // as a server does: ended connections don't count
      setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &reuse, sizeof(reuse));
      sockaddr_in where{};
      where.sin_family = AF_INET;
      where.sin_port = htons(static_cast<uint16_t>(port));
      inet_pton(AF_INET, address.c_str(), &where.sin_addr);
      free = free && bind(fd, reinterpret_cast<sockaddr*>(&where), sizeof(where)) == 0;
      close(fd);
    }
    if (free) {
      return port;
    }
  }
  return 0;
}

TempDir::TempDir() {
  std::string pattern = (std::filesystem::temp_directory_path() / "dispatcher-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) != nullptr) {
    path_ = pattern;
  }
}

TempDir::~TempDir() {
  std::error_code ignored;
  if (!path_.empty()) {
    std::filesystem::remove_all(path_, ignored);
  }
}

}  // namespace dispatcher::testing
