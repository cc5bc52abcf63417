// A Marathon whose every answer can be made bad, a dispatcher that listens to it, and
// what that costs.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/mutex.h"
#include "tests/e2e/frame/dispatcher.h"
#include "tests/support/raw_server.h"

namespace dispatcher::testing {

// Writes an answer to `request`; the connection is closed when it returns false.
using BadAnswer = std::function<bool(RawConnection&, const std::string& request)>;

// A server that answers by path; the longest path that the request's target begins with
// has it, and who asks for another gets a 404.
class BadServer {
 public:
  BadServer();

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  int port() const { return server_.port(); }
  void On(std::string path, BadAnswer answer);
  // "METHOD target" of all that was asked, once each.
  std::set<std::string> Asked() const;
  // Of that path, how often.
  int Asked(std::string_view path) const;

 private:
  void Serve(RawConnection& connection);

  mutable Mutex mutex_;
  std::map<std::string, BadAnswer> answers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> asked_ ABSL_GUARDED_BY(mutex_);
  RawServer server_;  // last: its threads use all of the above
};

// "HTTP/1.1 200 OK" with that body, its length and a leader.
BadAnswer Says(std::string body, std::string_view type = "application/json", int status = 200);

// How much of an endless answer was taken, and whether it was cut off by the other side.
struct Flood {
  std::string head;   // sent first: status line and headers, or part of them
  std::string piece;  // sent again and again
  size_t most = 0;    // bytes of pieces after which it gives up: nobody cut it off
  mutable Mutex mutex;
  mutable size_t taken = 0;  // the most that one connection took
  mutable int cut = 0;       // connections that ended early
  mutable int whole = 0;     // connections that took it all
};
BadAnswer Floods(const std::shared_ptr<Flood>& flood);
std::shared_ptr<Flood> MakeFlood(std::string head, std::string piece, size_t most);

// One app with one running task at 10.0.0.1:`port`, which has no health check. `further`
// goes before its other members: R"("labels":{},)".
std::string AppJson(std::string_view id, std::string_view further = "", int port = 31000);

// Answers as a sound Marathon 1.8 would, until it is told otherwise.
class BadMarathon : public BadServer {
 public:
  BadMarathon();
  // The elements of /v2/apps, joined by commas, each to be asked for on its own too.
  void SetApps(const std::vector<std::string>& apps);
  // The bytes of the event stream, behind the event that proves it.
  void SetEvents(BadAnswer after_attached);
};

// A dispatcher with that Marathon and these registries, whose snapshots come each second.
std::vector<std::string> SettingsFor(const BadServer& marathon, std::vector<std::string> further);

// VmHWM of /proc/PID/status, in MiB: the most memory it ever had.
int PeakMiB(pid_t pid);

}  // namespace dispatcher::testing
