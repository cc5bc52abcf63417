// A listener in the place of another, with a Vulcand that does not always listen when it
// says so. On real ones it is tried in adopt_vulcand_test.cc.
#include "adapters/vulcand/swap.h"

#include <memory>

#include "adapters/vulcand/objects.h"
#include "dispatcher/net/server.h"
#include "tests/support/catch.h"
#include "tests/support/process.h"

namespace dispatcher::testing {
namespace {

// Holds one listener, and opens its port from the n-th put on.
class Deaf : public VulcandEngine {
 public:
  Deaf(int port, int listens_from, bool open) : port_(port), listens_from_(listens_from) {
    if (open) {
      Open();
    }
  }
  size_t batch() const override { return 1; }
  int parallelism() const override { return 1; }
  absl::Status Read(const Cancel&, absl::FunctionRef<void(Entry)>) override { return absl::OkStatus(); }
  std::vector<absl::Status> Write(std::span<const Change>, Mono, const Cancel&) override { return {}; }
  std::unique_ptr<VulcandView> Look(const Cancel&) override { return nullptr; }
  absl::Status Has(const EntryId&, const Cancel&) override { return absl::OkStatus(); }
  absl::Status PutAnyway(const Entry&, const Cancel&) override {
    calls += "put ";
    if (++puts_ >= listens_from_) {
      Open();
    }
    return absl::OkStatus();
  }
  absl::Status DeleteAnyway(const EntryId& id, const Cancel&) override {
    calls += "delete " + id.id + " ";
    server_.reset();
    return absl::OkStatus();
  }
  bool deletes_exactly() const override { return true; }

  std::string calls;

 private:
  void Open() {
    server_ = std::make_unique<HttpServer>();
    REQUIRE(server_->Start("127.0.0.1", port_) == absl::OkStatus());
  }

  const int port_, listens_from_;
  int puts_ = 0;
  std::unique_ptr<HttpServer> server_;
};

absl::StatusOr<std::string> Swap(Deaf& engine, int port) {
  const Entry ours = ListenerEntry("ours", {"/web", 0}, "0.0.0.0:" + std::to_string(port), "");
  return SwapListeners(engine, {"", "listener", "web"}, ours, "127.0.0.1", Cancel());
}

TEST_CASE("a listener that Vulcand has but does not open is written again, after a pause") {
  const int port = FreePort();
  Deaf engine(port, 2, true);
  const auto said = Swap(engine, port);
  REQUIRE(said.ok());
  CHECK(said->starts_with("nobody listened for "));
  CHECK(engine.calls == "delete web put delete web delete ours put ");
}

TEST_CASE("a listener that is opened at once is written once") {
  const int port = FreePort();
  Deaf engine(port, 1, true);
  CHECK(Swap(engine, port).ok());
  CHECK(engine.calls == "delete web put ");
}

TEST_CASE("a listener that never opens is an error with the remedy") {
  const int port = FreePort();
  Deaf engine(port, 100, true);
  CHECK(Swap(engine, port).status().message().find("restart it") != absl::string_view::npos);
}

TEST_CASE("a port that can't be reached from here is not judged, and gets its pause") {
  const int port = FreePort();
  Deaf engine(port, 100, false);
  const auto said = Swap(engine, port);
  REQUIRE(said.ok());
  CHECK(said->find("can't be reached from here") != std::string::npos);
  CHECK(engine.calls == "delete web delete ours put ");
}

}  // namespace
}  // namespace dispatcher::testing
