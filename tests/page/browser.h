// A headless Chromium that a test drives through chromedriver (WebDriver over HTTP).
//
//   Browser browser;
//   browser.Open(url);
//   CHECK(browser.Soon("return document.title == 'x'") == "");
//
// Not thread-safe. Every call throws std::runtime_error with what chromedriver said; so
// does the constructor where Chromium is missing, with the packages to install.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/net/client.h"
#include "tests/support/process.h"

namespace dispatcher::testing {

// WebDriver's own characters for keys that write nothing.
inline constexpr char kEnter[] = "\uE007", kEscape[] = "\uE00C", kTab[] = "\uE004", kArrowUp[] = "\uE013",
                      kArrowRight[] = "\uE014", kArrowDown[] = "\uE015";

class Browser {
 public:
  Browser();
  ~Browser();  // closes it, with all that it wrote
  Browser(const Browser&) = delete;
  Browser& operator=(const Browser&) = delete;

  // An empty page first, so that a change of the fragment alone loads anew, too.
  void Open(const std::string& url);
  // Pixels of the page; under 500 as a phone. Dark: what the reader's system asks for.
  void Look(int width, int height, bool dark);
  // One key each: a character, or one of the above.
  void Press(const std::vector<std::string>& keys);

  // What a function with that body returns.
  JsonDocument Run(std::string_view body);
  std::string Text(std::string_view body) { return Run(body).root()["value"].StringOr(""); }
  // "" once the body returns something true, else after `limit` the body and the page's text.
  std::string Soon(std::string_view body, std::chrono::milliseconds limit = std::chrono::seconds(30));

  // The whole page as build/screenshots/NAME.png.
  void Shoot(const std::string& name);
  // What the console has said since the last call, beside mere information: errors of
  // scripts, what the content security policy refused.
  std::string Complaints();

 private:
  JsonDocument Call(std::string_view method, std::string_view what, const std::string& body);
  void DevTools(std::string_view command, const std::string& parameters);

  const TempDir home_;
  std::unique_ptr<Process> driver_;
  std::unique_ptr<HttpClient> client_;
  std::string session_;
  int width_ = 0, height_ = 0;
};

}  // namespace dispatcher::testing
