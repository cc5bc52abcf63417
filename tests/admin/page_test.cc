// The page's files as they are served; what they do is tried in a browser (tests/page).
#include <regex>

#include "dispatcher/admin/assets.h"
#include "tests/admin/served.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

bool IsOfThePage(std::string_view name) { return name.ends_with(".js") || name.ends_with(".css"); }

TEST_CASE("The page and its files are served with a policy that lets nothing else in") {
  Served served;
  const HttpResponse page = served.Get("/");
  CHECK(page.status == 200);
  CHECK(FindHeader(page.headers, "Content-Type") == "text/html; charset=utf-8");
  const std::string policy(FindHeader(page.headers, "Content-Security-Policy"));
  CHECK(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "));
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(policy.ends_with("frame-ancestors 'none'; require-trusted-types-for 'script'"));
  CHECK(FindHeader(page.headers, "X-Content-Type-Options") == "nosniff");
  size_t files = 0;
  for (const Asset& asset : Assets()) {
    INFO(asset.name);
    const HttpResponse file = served.Get("/page/" + std::string(asset.name));
    CHECK(file.status == (IsOfThePage(asset.name) ? 200 : 404));
    if (IsOfThePage(asset.name)) {
      ++files;
      CHECK(file.body == asset.text);
      CHECK(FindHeader(file.headers, "Content-Type") ==
            (asset.name.ends_with(".js") ? "text/javascript; charset=utf-8" : "text/css; charset=utf-8"));
    }
  }
  CHECK(files >= 8);
  CHECK(served.Get("/page/none.js").status == 404);
  CHECK(served.Get("/page/..%2Fpage.css").status == 404);
  CHECK(served.Call("POST", "/").status == 405);
  // The JSON may load nothing at all.
  CHECK(std::string(FindHeader(served.Get("/v1/status").headers, "Content-Security-Policy"))
            .starts_with("default-src 'none'; base-uri 'none'"));
}

TEST_CASE("The page's files ask nobody else for anything, and make no HTML of text") {
  const std::regex imported("from '\\./([a-z_]+\\.js)'");
  for (const Asset& asset : Assets()) {
    INFO(asset.name);
    std::string text(asset.text);
    REQUIRE_FALSE(text.empty());
    if (const size_t svg = text.find("'http://www.w3.org/2000/svg'"); svg != std::string::npos) {
      text.erase(svg, 28);  // a name, which nobody loads
    }
    for (const char* const word :
         {"http://", "https://", "//cdn", "url(", "@import", "innerHTML", "outerHTML", "insertAdjacent",
          "document.write", "eval(", "new Function", " style=", "localStorage", "document.cookie"}) {
      INFO(word);
      CHECK(text.find(word) == std::string::npos);
    }
    for (std::sregex_iterator it(text.begin(), text.end(), imported), end; it != end; ++it) {
      CHECK_FALSE(FindAsset((*it)[1].str()).empty());
    }
    CHECK_FALSE(std::regex_search(text, std::regex("<script>|<style>|\\son[a-z]+=\"")));
  }
}

}  // namespace
}  // namespace dispatcher
