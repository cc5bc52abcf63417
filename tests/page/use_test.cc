// How it is used: keys, small screens, light and dark, names that would do harm, a stream that goes.
#include <array>

#include "tests/page/stage.h"
#include "tests/support/catch.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

constexpr std::array<std::pair<const char*, const char*>, 4> kViews = {
    {{"overview", ""}, {"services", "#/services"}, {"app", "#/app/cart"}, {"plan", "#/plan"}}};

// The smallest contrast of any text with the ground it stands on, and of which text; "" from 4.5.
constexpr char kContrast[] = R"js(
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    const rect = element.closest('g.span')?.querySelector('rect');
    if (rect) {
      return rgba(getComputedStyle(rect).fill);
    }
    for (let at = element; at; at = at.parentElement) {
      const color = rgba(getComputedStyle(at).backgroundColor);
      if (color[3] > 250) {
        return color;
      }
    }
    return [255, 255, 255, 255];
  };
  let worst = [99, ''];
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.nodeValue.trim()).join('');
    if (!text || ['TITLE', 'SCRIPT', 'NOSCRIPT', 'OPTION', 'title'].includes(element.nodeName)) {
      continue;
    }
    const style = getComputedStyle(element);
    const pair = [light(rgba(element instanceof SVGElement ? style.fill : style.color)), light(ground(element))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    if (contrast < worst[0]) {
      worst = [contrast, text];
    }
  }
  return worst[0] >= 4.5 ? '' : worst.join(' ');
)js";

TEST_CASE(
    "Each view fits a wide screen and one of 375 pixels, in light and dark, with text that can be read") {
  Stage stage;
  for (const bool dark : {false, true}) {
    for (const int width : {1280, 375}) {
      for (const auto& [name, view] : kViews) {
        const std::string shot =
            std::string(name) + "-" + std::to_string(width) + (dark ? "-dark" : "-light");
        INFO(shot);
        stage.Show(view, width, dark);
        CHECK(
            stage.browser.Soon("return document.documentElement.scrollWidth <= innerWidth && innerWidth == " +
                               std::to_string(width)) == "");
        CHECK(stage.browser.Text(kContrast) == "");
        stage.browser.Shoot(shot);
      }
    }
    CHECK(stage.browser.Text("return getComputedStyle(document.body).backgroundColor") ==
          (dark ? "rgb(18, 21, 27)" : "rgb(245, 246, 248)"));
  }
}

TEST_CASE("Everything can be done with the keyboard") {
  Stage stage;
  stage.Show("");
  Browser& browser = stage.browser;
  const auto in_row = [](const std::string& app) {
    return "return document.activeElement.dataset.nav == '" + app + "'";
  };
  browser.Press({"/"});
  CHECK(browser.Soon("return document.activeElement.id == 'search'") == "");
  browser.Press({"p", "a", "r", "t"});
  CHECK(browser.Soon("return document.querySelector('#found')?.innerText == '6 of 12 apps'") == "");
  browser.Press({kArrowDown});
  CHECK(browser.Soon(in_row("/web/part-1")) == "");
  browser.Press({"j", "j", "k"});
  CHECK(browser.Soon(in_row("/web/part-2")) == "");
  CHECK(browser.Soon("const s = getComputedStyle(document.activeElement);"
                     "return s.outlineStyle == 'solid' && parseInt(s.outlineWidth) >= 2") == "");
  browser.Press({"/", kEscape});
  CHECK(browser.Soon("return document.querySelector('#found').innerText == '12 apps'") == "");
  browser.Press({"j", "j"});
  CHECK(browser.Soon(in_row("/cart")) == "");
  browser.Press({kEnter});
  CHECK(browser.Soon(
            "return document.querySelector('h1').innerText == '/cart' && location.hash == '#/app/cart'") ==
        "");
  CHECK(browser.Soon(
            "return document.activeElement.matches('h1') && document.title == '/cart · dispatcher'") == "");
  browser.Press({kEscape});
  CHECK(browser.Soon(in_row("/cart")) == "");
  browser.Press({"3"});
  CHECK(browser.Soon("return document.querySelector('h1').innerText == 'Plan'") == "");
  CHECK(browser.Soon("return document.querySelector('[aria-current=page]').innerText == 'Plan'") == "");
  browser.Press({"1"});
  CHECK(browser.Soon("return document.querySelector('h1').innerText == 'Overview'") == "");
  // Search, and Enter opens the first that fits.
  browser.Press({"/", "i", "n", "v", "o", "i"});
  CHECK(browser.Soon("return document.querySelector('#found')?.innerText == '1 of 12 apps'") == "");
  browser.Press({kEnter});
  CHECK(browser.Soon("return location.hash == '#/app/billing/invoice'") == "");
}

TEST_CASE("Landmarks, labels and a heading are there for who can't see") {
  Stage stage;
  for (const auto& [name, view] : kViews) {
    INFO(name);
    stage.Show(view);
    CHECK(stage.browser.Soon(
              "return ['header', 'main', 'footer', 'nav', '[role=search]', '[role=status]']"
              ".every(s => document.querySelector(s)) && document.querySelectorAll('h1').length == 1"
              " && document.documentElement.lang == 'en'") == "");
    CHECK(stage.browser.Soon("return [...document.querySelectorAll('input, select')]"
                             ".every(i => i.labels.length > 0 && i.labels[0].innerText.trim() != '')") == "");
    CHECK(stage.browser.Soon("return [...document.querySelectorAll('table')]"
                             ".every(t => [...t.querySelectorAll('th')].every(th => th.scope))") == "");
  }
}

TEST_CASE("Names from outside are text, whatever they hold") {
  constexpr char kEvil[] = "/<img src=x onerror=\"window.hacked=1\">'&amp;#\"`${1}";
  Stage stage;
  stage.scene.Change([&](FakeSource& scene) {
    scene.apps.insert(scene.apps.begin(), kEvil);
    scene.summaries.insert(scene.summaries.begin(), AppSummary{kEvil, "known", 1, 1, 1});
    AppReport evil = scene.explained[0];
    evil.app = kEvil;
    evil.missing = {"<script>window.hacked=2</script>"};
    evil.tasks[1].task = "<svg onload=window.hacked=3>";
    evil.tasks[1].facts = {"<b>bold</b>"};
    scene.explained.push_back(evil);
    scene.places[0].second.entries[1].why = "<iframe src=/v1/status>";
    scene.report.degraded = {"<script>window.hacked=4</script>"};
    scene.plans[0].changes[0].reason = "<script>window.hacked=5</script>";
  });
  stage.scene.Decide(kEvil, "<svg onload=window.hacked=6>", "<script>window.hacked=7</script>",
                     NoteKind::kWrite);
  stage.browser.Complaints();
  const auto harmless = [&] {
    CHECK(stage.browser.Soon(
              "return window.hacked === undefined && document.querySelector('main img, main script,"
              " main iframe, main b b, main svg svg') == null") == "");
  };
  stage.Show("");
  CHECK(stage.browser.Soon("return document.body.innerText.includes('<script>window.hacked=4</script>')") ==
        "");
  CHECK(stage.browser.Soon("return document.body.innerText.includes('<script>window.hacked=7</script>')") ==
        "");
  harmless();
  stage.Show("#/plan");
  CHECK(stage.browser.Soon("return document.body.innerText.includes('<script>window.hacked=5</script>')") ==
        "");
  harmless();
  stage.Show("#/services");
  JsonWriter evil;
  evil.String(kEvil);
  CHECK(stage.browser.Soon("return document.querySelector('[data-nav]').innerText == " + evil.text()) == "");
  harmless();
  // ... and its own page can be opened.
  stage.browser.Run("document.querySelector('[data-nav]').click()");
  CHECK(stage.browser.Soon("return document.querySelector('h1').innerText == " + evil.text()) == "");
  CHECK(stage.browser.Soon(
            "return document.querySelector('#missing').innerText == '<script>window.hacked=2</script>'") ==
        "");
  CHECK(stage.browser.Soon(
            "return document.querySelector('#places').innerText.includes('<iframe src=/v1/status>')") == "");
  harmless();
  stage.browser.Shoot("hostile");
  CHECK(stage.browser.Complaints() == "");
}

TEST_CASE("What is decided shows at once, and the reader's place is kept") {
  Stage stage;
  stage.Show("#/app/cart");
  Browser& browser = stage.browser;
  browser.Run(
      "const task = document.querySelector('#facts details'); task.open = false;"
      "task.querySelector('summary').focus(); window.held = document.activeElement; scrollTo(0, 300)");
  stage.scene.Change([](FakeSource& scene) {
    scene.explained[0].tasks[3].phase = "Serving";
    scene.explained[0].serving = 3;
  });
  stage.scene.Decide("/cart", stage.scene.Explain("/cart")->tasks[3].task, "Running -> Serving: a live one");
  CHECK(browser.Soon("return document.querySelector('#decisions').innerText.includes('a live one')") == "");
  CHECK(browser.Soon("return document.querySelector('#state').innerText.includes('3 serving')") == "");
  CHECK(browser.Soon("return document.activeElement == window.held && scrollY == 300 &&"
                     " !document.querySelector('#facts details').open") == "");
}

TEST_CASE("A page that gets no stream says so, asks all the same, and gets it when a place is free") {
  Stage stage;
  Browser& browser = stage.browser;
  constexpr char kLive[] = "return document.getElementById('live').dataset.state == 'live'";
  std::vector<std::unique_ptr<Process>> readers;
  browser.Open("about:blank");
  for (int reader = 0; reader < DecisionFeed::kMaxReaders; ++reader) {
    readers.push_back(Process::Start({"curl", "-sN", stage.url() + "/v1/events"}).value());
  }
  for (const auto& reader : readers) {
    REQUIRE(reader->WaitForOutput(": decisions", std::chrono::seconds(30)).message() == "");
  }
  browser.Look(1280, 900, false);
  browser.Open(stage.url() + "/");
  CHECK(browser.Soon("return /refused \\(eight readers at most\\); asks every 5 "
                     "s/.test(document.getElementById('live').innerText)") == "");
  stage.scene.Decide("/cart", "", "heard without a stream");
  CHECK(browser.Soon("return document.body.innerText.includes('heard without a stream')") == "");
  CHECK_FALSE(browser.Run(kLive).root()["value"].BoolOr(true));
  readers.clear();
  CHECK(browser.Soon(kLive, std::chrono::seconds(60)) == "");
}

TEST_CASE("A dispatcher that goes is said to be gone, and shown again when it is back") {
  Stage stage;
  stage.Show("");
  stage.Close();
  CHECK(stage.browser.Soon("return document.getElementById('live').dataset.state == 'lost'") == "");
  CHECK(stage.browser.Soon("return document.getElementById('live').innerText == 'the dispatcher does not "
                           "answer; asks every 5 s'") == "");
  CHECK(stage.browser.Soon("return document.querySelector('h1').innerText == 'Overview'") == "");
  stage.Reopen();
  stage.scene.Decide("/cart", "", "after its return");
  CHECK(stage.browser.Soon("return document.body.innerText.includes('after its return')",
                           std::chrono::seconds(60)) == "");
  CHECK(stage.browser.Soon("return document.getElementById('live').dataset.state == 'live'",
                           std::chrono::seconds(60)) == "");
}

TEST_CASE("Twenty thousand apps are listed and searched") {
  Stage stage;
  stage.scene.Change([](FakeSource& scene) {
    for (int number = 0; number < 20000; ++number) {
      scene.summaries.push_back({"/many/app-" + std::to_string(number), "known", 3, 3, 3});
    }
  });
  stage.Show("#/services");
  CHECK(stage.browser.Soon("return document.querySelector('#found').innerText == '20012 apps'") == "");
  CHECK(stage.browser.Soon("return document.querySelectorAll('[data-nav]').length == 200") == "");
  stage.browser.Press({"/", "1", "9", "9", "9", "9"});
  CHECK(stage.browser.Soon("return document.querySelectorAll('[data-nav]').length == 1 &&"
                           " document.querySelector('[data-nav]').innerText == '/many/app-19999'") == "");
}

}  // namespace
}  // namespace dispatcher::testing
