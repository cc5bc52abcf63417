// What allegro/marathon-consul 1.5.3 registers at the agent of a task's host
// (consul/consul.go, marathonTaskToConsulServices), and a client that watches over a
// takeover of it.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace dispatcher::testing {

struct AllegroEntry {
  std::string task, name, address;
  int port = 0;
  std::vector<std::string> tags = {};  // by labels with the value `tag`
  std::string tag = "marathon";        // its consul-tag
  std::string id = {};                 // "": as 1.5.3 makes it
  std::string check = {};              // URL of its HTTP check; "": none

  std::string Id() const { return id.empty() ? task + "_" + name + "_" + std::to_string(port) : id; }
};

// Of PUT /v1/agent/service/register.
std::string BodyOf(const AllegroEntry& entry);

// Asks Consul on and on which instances of a service pass.
class PassingWatch {
 public:
  PassingWatch(const std::string& consul_url, const std::string& service);
  ~PassingWatch() { Stop(); }

  // Answers with at least one.
  int found() const { return found_; }
  // "" or what was wrong: an answer without any after the first that had one.
  std::string Stop();

 private:
  void Ask(const std::string& consul_url, const std::string& service);

  std::atomic<bool> stop_ = false;
  std::atomic<int> found_ = 0, empty_ = 0, failed_ = 0;
  std::thread thread_;
};

}  // namespace dispatcher::testing
