#include "tests/marathon_sim/prober.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "dispatcher/net/client.h"
#include "tests/marathon_sim/socket_address.h"

namespace dispatcher::sim {
namespace {

// "" or what was wrong.
std::string Connect(const ProbeJob& job) {
  const SocketAddress to(job.address, job.port);
  const int fd = socket(to.family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  std::string wrong;
  if (connect(fd, to.get(), to.size()) != 0) {
    pollfd p{.fd = fd, .events = POLLOUT, .revents = 0};
    int error = errno == EINPROGRESS ? 0 : errno;
    socklen_t size = sizeof(error);
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(job.timeout).count();
    if (error == 0 && poll(&p, 1, static_cast<int>(ms)) != 1) {
      error = ETIMEDOUT;
    } else if (error == 0) {
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    wrong = error == 0 ? "" : strerror(error);
  }
  close(fd);
  return wrong;
}

std::string Get(const ProbeJob& job) {
  HttpClientOptions options;
  options.base.host = job.address;
  options.base.port = job.port;
  options.connect_timeout = options.read_timeout = job.timeout;
  options.max_idle_connections = 0;
  options.retry_idle_close = false;
  HttpClient client(options);
  const auto response =
      client.Call({.target = job.path, .headers = {}, .body = "", .read_timeout = {}}, Cancel());
  if (!response.ok()) {
    return std::string(Message(response.status()));
  }
  const bool good = response->status >= 200 && response->status < 400;
  return good ? "" : std::to_string(response->status);
}

}  // namespace

Prober::Prober(int threads, Report report) : report_(std::move(report)) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

Prober::~Prober() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    changed_.NotifyAll();
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void Prober::Ask(ProbeJob job) {
  MutexLock lock(mutex_);
  jobs_.push_back(std::move(job));
  changed_.NotifyOne();
}

void Prober::Run() {
  while (true) {
    ProbeJob job;
    {
      MutexLock lock(mutex_);
      while (jobs_.empty() && !stopping_) {
        changed_.Wait(mutex_);
      }
      if (stopping_) {
        return;
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    const std::string wrong = job.http ? Get(job) : Connect(job);
    report_(job, wrong.empty(), wrong);
  }
}

bool CanBind(const std::string& address, int port) {
  const SocketAddress at(address, port);
  const int fd = socket(at.family(), SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int yes = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
  const bool bound = bind(fd, at.get(), at.size()) == 0;
  const bool elsewhere = !bound && errno == EADDRNOTAVAIL;
  const bool can = elsewhere || (bound && listen(fd, 1) == 0);
  close(fd);
  return can;
}

}  // namespace dispatcher::sim
