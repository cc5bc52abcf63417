#include "dispatcher/net/reception.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
// How often deadlines are looked at.
constexpr int kTickMs = 100;
// Of one guest at a time, so that the others get their turn.
constexpr size_t kPiece = 64u << 10;
// Of what a guest still says that has been answered for good.
constexpr size_t kMostUnheard = 1u << 20;

std::string Refusal(int status, std::string_view error = "not a request") {
  const std::string_view words = status == 413   ? "Payload Too Large"
                                 : status == 431 ? "Request Header Fields Too Large"
                                                 : "Bad Request";
  const std::string body = "{\"error\":\"" +
                           std::string(status == 413   ? "body too long"
                                       : status == 431 ? "headers too long"
                                                       : error) +
                           "\"}";
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(words) +
         "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\nConnection: close\r\n\r\n" + body;
}

void Remove(std::vector<std::unique_ptr<Guest>>& guests) {
  guests.erase(std::remove(guests.begin(), guests.end(), nullptr), guests.end());
}

}  // namespace

RequestFrame FrameRequest(std::string_view bytes, const ReceptionLimits& limits, size_t& searched) {
  const size_t end = bytes.find(kHeadEnd, searched);
  if (end == std::string_view::npos) {
    searched = bytes.size() - std::min(bytes.size(), kHeadEnd.size() - 1);
    return {0, bytes.size() > limits.max_head ? 431 : 0};
  }
  const size_t head = end + kHeadEnd.size();
  if (head > limits.max_head) {
    return {0, 431};
  }
  size_t body = 0;
  bool announced = false;
  for (std::string_view line : Split(bytes.substr(0, end), '\n')) {
    const size_t colon = std::min(line.find(':'), line.size());
    if (!EqualsIgnoreCase(line.substr(0, colon), "Content-Length")) {
      continue;
    }
    const std::optional<int64_t> length = ParseInt(Trim(line.substr(colon + 1)));
    // Two lengths are two ends: one for us, one for whoever stands before us.
    if (!length || *length < 0 || announced) {
      return {0, 400};
    }
    announced = true;
    body = static_cast<size_t>(*length);
  }
  if (body > limits.max_body) {
    return {0, 413};
  }
  return {bytes.size() >= head + body ? head + body : 0, 0};
}

Guest::Opening Guest::LookAtOpening() {
  if (tls == nullptr || looked_at) {
    return Opening::kFits;
  }
  char first = 0;
  const ssize_t got = recv(fd, &first, 1, MSG_PEEK | MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
    return Opening::kNone;
  }
  looked_at = true;
  return got == 1 && first >= 'A' && first <= 'Z' ? Opening::kPlain : Opening::kFits;
}

ssize_t Guest::Take(char* data, size_t size) {
  return tls != nullptr ? tls->Read(data, size) : recv(fd, data, size, MSG_DONTWAIT);
}

ssize_t Guest::Give(std::string_view data) {
  return tls != nullptr ? tls->Write(data.data(), data.size())
                        : send(fd, data.data(), data.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

Guest::~Guest() {
  // Also for a child of this process that was forked before the mark below was set.
  shutdown(fd, SHUT_RDWR);
  close(fd);
}

Reception::Reception(ReceptionLimits limits, std::function<void(std::unique_ptr<Guest>)> serve,
                     TlsKeeper* tls)
    : limits_(limits), serve_(std::move(serve)), tls_(tls), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Reception::~Reception() {
  Stop();
  close(wake_);
}

void Reception::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Reception::Receive(int socket) {
  fcntl(socket, F_SETFD, FD_CLOEXEC);
  auto guest = std::make_unique<Guest>(socket);
  guest->since = guest->begun = MonoClock::now();
  if (tls_ != nullptr) {
    guest->tls = tls_->Open(socket, guest->since);
  }
  Return(std::move(guest));
}

void Reception::Return(std::unique_ptr<Guest> guest) {
  {
    MutexLock lock(mutex_);
    arrived_.push_back(std::move(guest));
  }
  eventfd_write(wake_, 1);
}

void Reception::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  eventfd_write(wake_, 1);
  if (thread_.joinable()) {
    thread_.join();
  }
}

void Reception::Run() {
  std::vector<pollfd> polled;
  for (bool stopping = false; !stopping;) {
    {
      MutexLock lock(mutex_);
      stopping = stopping_;
    }
    Admit(MonoClock::now());
    if (stopping) {
      break;
    }
    polled.assign(1, {wake_, POLLIN, 0});
    for (const auto& guest : guests_) {
      const bool sends = guest->sent < guest->out.size();
      const short usual = sends ? POLLOUT : POLLIN;
      polled.push_back({guest->fd, guest->leaving ? usual : guest->WaitsFor(usual), 0});
    }
    poll(polled.data(), polled.size(), guests_.empty() ? -1 : kTickMs);
    eventfd_t woken = 0;
    eventfd_read(wake_, &woken);
    const Mono now = MonoClock::now();
    for (size_t i = 0; i < guests_.size(); ++i) {
      const bool stays = polled[i + 1].revents == 0 || Advance(guests_[i], now);
      if (guests_[i] != nullptr && (!stays || !InTime(*guests_[i], now))) {
        guests_[i].reset();
      }
    }
    Remove(guests_);
    MakeRoom();
  }
  guests_.clear();
}

// Takes in who has arrived or was handed back, and does for each what can be done at once.
void Reception::Admit(Mono now) {
  std::vector<std::unique_ptr<Guest>> arrived;
  {
    MutexLock lock(mutex_);
    arrived.swap(arrived_);
  }
  for (std::unique_ptr<Guest>& guest : arrived) {
    if (guest->request_size > 0) {  // back from a worker
      guest->in.erase(0, guest->request_size);
      guest->request_size = guest->searched = 0;
      guest->since = guest->begun = now;
    }
    if (Advance(guest, now) && guest != nullptr) {
      guests_.push_back(std::move(guest));
    }
  }
  MakeRoom();
}

void Reception::MakeRoom() {
  size_t bytes = 0;
  for (const auto& guest : guests_) {
    bytes += guest->in.size() + guest->out.size();
  }
  // Who has been here for longest is the likeliest never to come to an end.
  size_t leave = 0;
  while (guests_.size() - leave > limits_.max_guests ||
         (bytes > limits_.max_bytes && guests_.size() - leave > 1)) {
    bytes -= guests_[leave]->in.size() + guests_[leave]->out.size();
    ++leave;
  }
  guests_.erase(guests_.begin(), guests_.begin() + static_cast<std::ptrdiff_t>(leave));
}

bool Reception::Advance(std::unique_ptr<Guest>& guest, Mono now) {
  if (guest->sent < guest->out.size() && !Send(*guest, now)) {
    return false;
  }
  if (guest->sent < guest->out.size()) {
    return true;
  }
  if (!guest->out.empty()) {
    std::string().swap(guest->out);
    guest->sent = 0;
  }
  if (guest->last && !guest->leaving) {
    // A close with bytes unread would take the answer away from the peer.
    if (guest->tls != nullptr) {
      guest->tls->Close();
    }
    shutdown(guest->fd, SHUT_WR);
    guest->leaving = true;
    guest->searched = 0;
    std::string().swap(guest->in);
  }
  const Guest::Opening opening = guest->LookAtOpening();
  if (opening == Guest::Opening::kNone) {
    return true;  // nothing is taken either: the first byte could come in between, and be taken unseen
  }
  if (opening == Guest::Opening::kPlain) {
    guest->tls.reset();
    guest->out = Refusal(400, "this port speaks TLS: ask by https://");
    guest->last = true;
    return Advance(guest, now);
  }
  if (!Read(*guest, now)) {
    return false;
  }
  if (guest->leaving) {
    return true;
  }
  const RequestFrame frame = FrameRequest(guest->in, limits_, guest->searched);
  if (frame.refused != 0) {
    guest->out = Refusal(frame.refused);
    guest->last = true;
    return Advance(guest, now);
  }
  if (frame.size > 0) {
    guest->request_size = frame.size;
    ++guest->requests;
    serve_(std::move(guest));
  }
  return true;
}

bool Reception::Read(Guest& guest, Mono now) {
  char piece[16 << 10];
  for (size_t got = 0; got < kPiece;) {
    // What comes after the answer is thrown away as it is.
    const bool greeted = guest.Greets();
    const ssize_t size =
        guest.leaving ? recv(guest.fd, piece, sizeof(piece), MSG_DONTWAIT) : guest.Take(piece, sizeof(piece));
    if (greeted) {
      guest.since = now;
    }
    if (size < 0 && greeted && errno == EPROTO) {
      // A close with bytes unread would take the reason away from the peer.
      shutdown(guest.fd, SHUT_WR);
      guest.leaving = true;
      continue;
    }
    if (size < 0) {
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    }
    if (size == 0) {
      return false;
    }
    got += static_cast<size_t>(size);
    if (guest.leaving) {
      guest.searched += static_cast<size_t>(size);
      if (guest.searched > kMostUnheard) {
        return false;
      }
      continue;
    }
    if (guest.in.empty()) {
      guest.begun = now;
    }
    guest.since = now;
    guest.in.append(piece, static_cast<size_t>(size));
    if (static_cast<size_t>(size) < sizeof(piece)) {
      return true;
    }
  }
  return true;
}

bool Reception::Send(Guest& guest, Mono now) {
  while (guest.sent < guest.out.size()) {
    const ssize_t size = guest.Give(std::string_view(guest.out).substr(guest.sent));
    if (size < 0) {
      return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    }
    guest.sent += static_cast<size_t>(size);
    guest.since = now;
  }
  return true;
}

bool Reception::InTime(const Guest& guest, Mono now) const {
  if (guest.sent < guest.out.size()) {
    return now - guest.since < limits_.write_silence;
  }
  if (guest.leaving || (guest.in.empty() && !guest.Greets())) {
    return now - guest.since < limits_.idle;
  }
  return now - guest.since < limits_.read_silence && now - guest.begun < limits_.for_request;
}

}  // namespace dispatcher
