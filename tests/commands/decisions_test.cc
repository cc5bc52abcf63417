// dispatcher decisions
#include "dispatcher/admin/admin_server.h"
#include "dispatcher/base/strings.h"
#include "tests/admin/fake_source.h"
#include "tests/commands/execute.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

TEST_CASE("decisions lists what was decided and written, of all or of one app, since a time") {
  FakeSource source = ExampleSource();
  const WallMs now = SystemClock().Wall();
  source.Decide({3,
                 now,
                 "consul",
                 {NoteKind::kRegistered, "/shop/cart", "shop_cart.2",
                  "registered service 10.0.0.1:31000: it runs and is healthy", "10.0.0.1:31000"}});
  source.Decide({4, now, "kong", {NoteKind::kRegistered, "", "", "registered 90 entries of 20 apps"}});
  HttpSettings settings;
  settings.listen = "127.0.0.1:0";
  AdminServer server(settings, source);
  REQUIRE(server.Start().ok());
  const auto ask = [&](std::vector<std::string> words) {
    words.insert(words.begin(), "decisions");
    words.insert(words.end(), {"--url", "http://" + server.address()});
    return Execute(words);
  };
  const std::string stamp = FormatTimestamp(now), first = "1970-01-01T00:00:00.000Z catalog ";
  const std::string cart =
      stamp + " consul shop_cart.2 registered service 10.0.0.1:31000: it runs and is healthy\n";
  const std::string all = stamp + " kong registered 90 entries of 20 apps\n";
  CHECK(ask({}).out ==
        first + "shop_cart.2 Placed -> Running\n" + first + "other.1 Placed -> Running\n" + cart + all);
  CHECK(ask({"--since", "1h"}).out == cart + all);
  CHECK(ask({"/shop/cart", "--since", FormatTimestamp(now - 1000)}).out == cart);
  CHECK(ask({"/shop/cart", "--since", FormatTimestamp(now + 60'000)}).out == "nothing that is kept\n");
  const Outcome none = ask({"/none"});
  CHECK(none.code == 1);
  CHECK(none.err.find("no app /none is known") != std::string::npos);
  CHECK(ask({"--since", "1h", "--output", "json"}).out.find(R"("address":"10.0.0.1:31000"})") !=
        std::string::npos);
  const Outcome bad = ask({"--since", "yesterday"});
  CHECK(bad.code == 1);
  CHECK(bad.err.find("since: \"yesterday\" is neither a time nor a duration back") != std::string::npos);
}

}  // namespace
}  // namespace dispatcher
