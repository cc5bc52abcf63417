// A real dispatcher, which listens to the stand-in Marathon and keeps its registry in memory.
#include "tests/e2e/frame/app.h"
#include "tests/e2e/frame/dispatcher.h"
#include "tests/e2e/frame/marathon.h"
#include "tests/page/stage.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("A deployment appears while one looks, from the first task to the last") {
  Marathon marathon{MarathonOptions()};
  const Dispatcher dispatcher({"marathon.urls=" + marathon.url()});
  Browser& browser = TheBrowser();
  browser.Look(1280, 900, false);
  const std::string page = "http://" + dispatcher.address() + "/";
  Http http("http://" + dispatcher.address());
  REQUIRE(WaitFor([&] { return http.Answers("/readyz") && http.Call("GET", "/readyz").status == 200; },
                  std::chrono::seconds(60)));
  browser.Complaints();
  browser.Open(page + "#/services");
  REQUIRE(browser.Soon("return document.getElementById('live').dataset.state == 'live'") == "");
  CHECK(browser.Soon("return document.querySelector('main').innerText.includes('No app is known.')") == "");

  marathon.Post(Json({.id = "/shop/web", .instances = 3}));
  marathon.WaitDeployed(std::chrono::seconds(90));
  const auto row = [](const std::string& column) {
    return "document.querySelector('tr[data-key=\"app/shop/web\"] td[data-label=\"" + column + "\"]')";
  };
  CHECK(browser.Soon("return /3 of 3/.test(" + row("memory") + "?.innerText)") == "");
  CHECK(browser.Soon("return " + row("Running") + "?.innerText == '3 of 3'") == "");
  CHECK(browser.Soon("return " + row("Names") + "?.innerText == 'shop-web'") == "");

  browser.Run("document.querySelector('[data-nav]').click()");
  CHECK(browser.Soon("return document.querySelectorAll('svg.timeline rect.serving').length == 3") == "");
  // Each task, and the service they are in.
  CHECK(browser.Soon("return document.querySelectorAll('svg.timeline .is-registered').length == 4") == "");
  CHECK(browser.Soon(
            "return document.querySelector('#facts').textContent.includes('from status_update_event')") ==
        "");

  marathon.Restart("/shop/web");
  marathon.WaitDeployed(std::chrono::seconds(90));
  CHECK(browser.Soon("return document.querySelectorAll('svg.timeline g.span rect.gone').length == 3 &&"
                     " document.querySelectorAll('svg.timeline g.span rect.leaving').length >= 1") == "");
  CHECK(browser.Soon("return [...document.querySelectorAll('svg.timeline .mark')].some(mark =>"
                     " /removed instance .*: it /.test(mark.dataset.told))") == "");
  CHECK(browser.Soon(
            "return /3 wanted, 3 running, 3 serving/.test(document.querySelector('#state').innerText)") ==
        "");
  browser.Shoot("real-app");
  marathon.Delete("/shop/web");
  browser.Run("location.hash = '#/services'");
  CHECK(browser.Soon("return " + row("Running") + "?.innerText != '3 of 3'", std::chrono::seconds(60)) == "");
  CHECK(browser.Complaints() == "");
}

}  // namespace
}  // namespace dispatcher::testing
