// What each view shows, of an invented dispatcher.
#include "tests/page/stage.h"
#include "tests/support/catch.h"

namespace dispatcher::testing {
namespace {

TEST_CASE("The overview tells how the stream, the registries and the brake do, and what was decided last") {
  Stage stage;
  stage.browser.Complaints();
  stage.Show("");
  const std::string text = stage.browser.Text("return document.body.innerText");
  INFO(text);
  for (const char* part :
       {"ready, but degraded", "consul: 3 removals are held back (3 unconfirmed)", "alive, heard of 4 s ago",
        "http://10.0.0.1:8080", "33 s ago", "in 27 s", "1.8.222", "33 of 34 tasks running",
        "consul: 3 removals are held back", "1 change failed", "44 there, 44 wanted", "0.8 ms / 9.5 ms",
        "no event yet", "not published: name cart is held by /shop"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  CHECK(stage.browser.Text("return document.title") == "Overview · dispatcher");
  // Nothing but its own files and answers was loaded, and nobody complained.
  CHECK(stage.browser.Text("return performance.getEntriesByType('resource').map(e => e.name)"
                           ".filter(n => !n.startsWith(location.origin) && !n.startsWith('data:')).join()") ==
        "");
  CHECK(stage.browser.Complaints() == "");
  // In words that need no colour, a registry's state has a sign.
  CHECK(stage.browser.Soon(
            "return [...document.querySelectorAll('.badge')].every(b => /^[✓!✕…]/.test(b.textContent))") ==
        "");

  stage.scene.Change([](FakeSource& scene) {
    scene.report.ready = false;
    scene.report.not_ready = {"no event stream for 31 s"};
    scene.report.stream.now.connected = false;
    scene.report.stream.now.last_error = "connection refused";
    scene.report.stream.down_for = std::chrono::seconds(300);
    scene.report.catalog.distrust = "Marathon answered with no apps at all";
  });
  stage.scene.Decide("/cart", "", "gone");
  CHECK(stage.browser.Soon("return /not ready/.test(document.querySelector('#readiness').innerText)") == "");
  CHECK(stage.browser.Soon("return /lost 5 min ago/.test(document.querySelector('#stream').innerText)") ==
        "");
  CHECK(stage.browser.Soon("return /connection refused/.test(document.querySelector('#stream').innerText)") ==
        "");
  CHECK(stage.browser.Soon(
            "return /not believed: Marathon answered/.test(document.querySelector('#brake').innerText)") ==
        "");
}

TEST_CASE("The services show how many instances each registry has, and what is the matter") {
  Stage stage;
  stage.Show("#/services");
  const auto cell = [&](const std::string& app, const std::string& column) {
    return stage.browser.Text("return document.querySelector(`tr[data-key=\"app" + app +
                              "\"] td[data-label=\"" + column + "\"]`).innerText.replace(/\\s+/g, ' ')");
  };
  CHECK(cell("/cart", "Running") == "3 of 4");
  CHECK(cell("/cart", "consul") == "✓ 3 of 3 ! 1 held");
  CHECK(cell("/cart", "kong") == "… 2 of 3 ✕ 1 failed");
  CHECK(cell("/cart", "vulcand") == "✕ 1 refused");
  CHECK(cell("/cart", "Names") == "cart");
  CHECK(cell("/old", "consul") == "! 2 held");
  CHECK(cell("/old", "kong") == "not published");
  CHECK(stage.browser.Soon("return document.querySelector('#found').innerText == '12 apps'") == "");
  stage.browser.Run("document.querySelector('[data-action=odd]').click()");
  CHECK(stage.browser.Soon("return document.querySelector('#found').innerText == '3 of 12 apps'") == "");
}

TEST_CASE("An app's page says all that explain says") {
  Stage stage;
  stage.Show("#/app/cart");
  const std::string text = stage.browser.Text(
      "document.querySelectorAll('details').forEach(d => { d.open = true }); return document.body.innerText");
  INFO(text);
  for (const char* part :
       {"/cart", "4 wanted, 3 running, 2 serving", "RestartApplication /cart, step 1 of 2",
        "\"Foo!\" is no DNS name", "its removal is held back",
        "absent from 1 complete read, needs a second one 42 s from now", "there for at least 66 min",
        "there for 8 min", "being written", "fails, is tried again", "UNAVAILABLE: kong answered 503",
        "vulcand: not published: name cart is held by /shop",
        "10.0.0.1:31001 passing, task cart.4f1c2b1e-aa01", "cart.service.consul", "showcase",
        "life TASK_RUNNING from status_update_event, 31.2 s ago", "stamped 2026-11-22T05:01:00.000Z",
        "agent-1.example", "Serving -> Unfit: a health check fails"}) {
    INFO(part);
    CHECK(text.find(part) != std::string::npos);
  }
  stage.Show("#/app/none");
  CHECK(stage.browser.Soon("return /no app \\/none is known/.test(document.body.innerText)") == "");
}

TEST_CASE("The timeline has a lane a task with its phases, and marks that tell what happened") {
  Stage stage;
  stage.Show("#/app/cart");
  Browser& browser = stage.browser;
  CHECK(browser.Soon("return document.querySelectorAll('svg.timeline .mark').length >= 12") == "");
  // Phases of the task that was unfit for a while, in their order.
  CHECK(browser.Text("return [...document.querySelectorAll('svg.timeline g.span')]"
                     ".filter(g => g.dataset.key.includes('aa02')).map(g => "
                     "g.querySelector('rect').classList[0]).join()") ==
        "placed,running,serving,unfit,serving");
  CHECK(browser.Soon(
            "const bars = [...document.querySelectorAll('svg.timeline g.span rect')].map(r => r.getBBox());"
            "return bars.every(b => b.x >= 0 && b.width > 0 &&"
            " b.x + b.width <= document.querySelector('svg.timeline').viewBox.baseVal.width)") == "");
  for (const char* kind : {"held", "write", "refused", "there", "phase", "changed", "removed"}) {
    INFO(kind);
    CHECK(browser.Soon(std::string("return document.querySelector('svg.timeline .mark.is-") + kind +
                       "') != null") == "");
  }
  CHECK(browser.Text("return document.querySelector('.legend').innerText").find("removal held back") !=
        std::string::npos);
  // A write that was told is no second mark for the entry that stands since then.
  CHECK(browser.Soon("return [...document.querySelectorAll('svg.timeline .mark.is-there')].every("
                     "g => g.dataset.key.includes('aa01'))") == "");
  // With the keyboard, from mark to mark.
  browser.Run("document.querySelector('svg.timeline').focus()");
  browser.Press({kArrowRight});
  CHECK(browser.Soon("return document.activeElement.matches('.mark')"
                     " && document.querySelector('.told').textContent == "
                     "document.activeElement.getAttribute('aria-label')") == "");
  const std::string told = browser.Text("return document.querySelector('.told').textContent");
  browser.Press({kArrowRight});
  CHECK(browser.Text("return document.querySelector('.told').textContent") != told);
  // Another range.
  browser.Run(
      "const s = document.querySelector('[data-action=range]'); s.value = '3';"
      "s.dispatchEvent(new Event('change', {bubbles: true}))");
  CHECK(browser.Soon("return [...document.querySelectorAll('svg.timeline text')].some(t => "
                     "/:00$/.test(t.textContent))") == "");
}

TEST_CASE("The plan shows what is new, what changes, what goes, and what is held back") {
  Stage stage;
  stage.Show("#/plan");
  const std::string lines = stage.browser.Text(
      "return [...document.querySelectorAll('.changes li')].map(li => li.innerText.replace(/\\s+/g, ' "
      "')).join('\\n')");
  INFO(lines);
  CHECK(lines.find("+ add service dispatcher:cart.4f1c2b1e-aa03-11ee-b962-0242ac120002 10.0.0.3:31003 /cart "
                   "(it is running)") == 0);
  CHECK(lines.find("\n~ change service dispatcher:cart.4f1c2b1e-aa02-11ee-b962-0242ac120002 on agent-2") !=
        std::string::npos);
  CHECK(lines.find("\n- remove service dispatcher:old.1 (TASK_KILLED)") != std::string::npos);
  CHECK(lines.find("! held (absent from 1 complete read, needs a second one 42 s from now)") !=
        std::string::npos);
  const std::string text = stage.browser.Text("return document.querySelector('main').innerText");
  INFO(text);
  CHECK(text.find("1 removal is held back by the brake") != std::string::npos);
  CHECK(text.find("it is as it should be") != std::string::npos);
  CHECK(text.find("not everything has been read yet") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher::testing
