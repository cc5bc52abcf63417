// Where requests are received and answers sent off: one thread for all connections,
// so that none of them, however slow, half open or greedy, takes a worker. A worker
// gets a request that is whole and hands back an answer that is whole.
//
//   accept ─► Receive ─► [reception: poll] ─► whole request ─► worker ─► Return ─┐
//                              ▲                                                 │
//                              └──────── answer to be sent, next request ────────┘
//
// Bounds: bytes of a head and of a body, connections and bytes at once (what is too
// much costs those who have been here for longest), the longest silence, the longest
// time for a whole request, and the same for a TLS handshake. Who sends too much is told so, if it listens,
// and closed.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "dispatcher/base/clock.h"
#include "dispatcher/base/mutex.h"
#include "dispatcher/net/tls.h"

namespace dispatcher {

struct ReceptionLimits {
  size_t max_head = 32u << 10;
  size_t max_body = 1u << 20;
  size_t max_guests = 512;
  size_t max_bytes = 64u << 20;  // of all guests together, unless one alone has more
  // The longest silence between requests, within one, and of a peer that takes no answer.
  Duration idle = std::chrono::seconds(1);
  Duration read_silence = std::chrono::seconds(1);
  Duration write_silence = std::chrono::seconds(2);
  Duration for_request = std::chrono::seconds(10);  // from its first byte to its last
};

// How far the first request in `bytes` has come, its end by Content-Length alone.
struct RequestFrame {
  size_t size = 0;  // of the whole request; 0: more is to come
  int refused = 0;  // not 0: the status to answer with, whatever else may come
};
// `searched`: bytes known to hold no end of a head; it is moved on.
RequestFrame FrameRequest(std::string_view bytes, const ReceptionLimits& limits, size_t& searched);

// A connection with what has come over it and what is to be sent. Belongs to the
// reception or to a worker, never to both. Closes its socket.
struct Guest {
  explicit Guest(int socket) : fd(socket) {}
  ~Guest();
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // As recv and send with MSG_DONTWAIT, through TLS where there is TLS.
  ssize_t Take(char* data, size_t size);
  ssize_t Give(std::string_view data);
  // Whether what Take or Give could not do may go on now, and `usual` otherwise.
  short WaitsFor(short usual) const {
    return tls != nullptr && tls->WaitsFor() != 0 ? tls->WaitsFor() : usual;
  }
  bool Greets() const { return tls != nullptr && tls->Greeting(); }

  // What the first byte that came tells, of which nothing was taken yet: kPlain, a request without
  // TLS although there should be some; kNone, nothing came yet, look again before Take. Once it was
  // told, and where there is no TLS, kFits.
  enum class Opening { kNone, kPlain, kFits };
  Opening LookAtOpening();

  const int fd;
  std::unique_ptr<TlsSession> tls;  // or null
  bool looked_at = false;           // its first byte was
  std::string in;                   // from the first byte of the request at hand
  size_t request_size = 0;          // of that request, once it is whole
  size_t searched = 0;              // of `in`; once it is leaving: bytes thrown away
  std::string out;                  // what a worker wants sent
  size_t sent = 0;
  int requests = 0;      // handed to workers
  bool last = false;     // to be closed once `out` is sent
  bool leaving = false;  // all is sent: waits for the peer to close
  Mono since{};          // of the last byte, either way
  Mono begun{};          // of the first byte of the request that comes in
};

class Reception {
 public:
  // `serve` takes a guest whose request is whole; called on the reception's thread,
  // must not block. `tls` outlives the reception; null: none.
  Reception(ReceptionLimits limits, std::function<void(std::unique_ptr<Guest>)> serve,
            TlsKeeper* tls = nullptr);
  ~Reception();  // stops
  Reception(const Reception&) = delete;
  Reception& operator=(const Reception&) = delete;

  void Start();
  // A new connection; any thread.
  void Receive(int socket);
  // The request in front is answered by `out`; any thread.
  void Return(std::unique_ptr<Guest> guest);
  // Sends what can be sent at once, closes all connections. Idempotent.
  void Stop();

 private:
  void Run();
  void Admit(Mono now);
  void MakeRoom();
  // Each gives false if the guest is to go.
  bool Advance(std::unique_ptr<Guest>& guest, Mono now);
  bool Read(Guest& guest, Mono now);
  bool Send(Guest& guest, Mono now);
  bool InTime(const Guest& guest, Mono now) const;

  const ReceptionLimits limits_;
  const std::function<void(std::unique_ptr<Guest>)> serve_;
  TlsKeeper* const tls_;
  int wake_ = -1;  // an eventfd
  std::thread thread_;
  std::vector<std::unique_ptr<Guest>> guests_;  // of the thread alone; the oldest first
  Mutex mutex_;
  std::vector<std::unique_ptr<Guest>> arrived_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace dispatcher
