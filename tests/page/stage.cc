#include "tests/page/stage.h"

#include <stdexcept>

#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

std::unique_ptr<AdminServer> Serve(const std::string& listen, Source& source) {
  HttpSettings settings;
  settings.listen = listen;
  auto server = std::make_unique<AdminServer>(settings, source);
  if (const absl::Status started = server->Start(); !started.ok()) {
    throw std::runtime_error(dispatcher::Text(started));
  }
  return server;
}

}  // namespace

Browser& TheBrowser() {
  static Browser browser;
  return browser;
}

Stage::Stage() : server_(Serve("127.0.0.1:0", scene)) {}

void Stage::Show(const std::string& view, int width, bool dark) {
  browser.Look(width, 900, dark);
  browser.Open(url() + "/" + view);
  const std::string missing = browser.Soon(
      "return document.getElementById('live')?.dataset.state == 'live'"
      " && document.querySelector('main h1') != null");
  if (!missing.empty()) {
    throw std::runtime_error(missing);
  }
}

void Stage::Reopen() {
  const std::string address = server_->address();
  server_.reset();
  WaitFor(
      [&] {
        try {
          server_ = Serve(address, scene);
        } catch (const std::runtime_error&) {
          return false;  // the port is not free yet
        }
        return true;
      },
      std::chrono::seconds(30));
  if (server_ == nullptr) {
    throw std::runtime_error(address + " can't be had again");
  }
}

}  // namespace dispatcher::testing
