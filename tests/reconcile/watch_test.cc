// When a registry that can be watched is asked, and when its answer is worth a read.
#include "dispatcher/reconcile/watch.h"

#include <functional>

#include "tests/reconcile/rig.h"
#include "tests/support/catch.h"

namespace dispatcher {
namespace {

using reconcile::WatchPacer;

constexpr Mono kBegin{seconds(1000)};

// What happens to a pacer of one thing, in the order of time. It has its first index, 10,
// and a read of 10 ms behind it, both at kBegin; nothing else has happened for a minute.
struct Paced {
  WatchPacer pacer{WatchPolicy{}, 1, 1};
  Mono now = kBegin;

  Paced() {
    pacer.ReadBegan(now - milliseconds(10));
    pacer.ReadEnded(true, now);
    Answer(10);
    now += seconds(60);
  }
  void Answer(uint64_t index) {
    pacer.Asked(0, now);
    pacer.Answered(0, WatchAnswer{index, index}, now);
  }
  void Fail() {
    pacer.Asked(0, now);
    pacer.Answered(0, absl::UnavailableError("refused"), now);
  }
  void Write() {
    pacer.WriteBegan(now);
    pacer.WriteEnded();
  }
  void Read(Duration took = milliseconds(10)) {
    pacer.ReadBegan(now);
    now += took;
    pacer.ReadEnded(true, now);
  }
};

TEST_CASE("Whether and when a watch's answer is worth a read") {
  struct Case {
    const char* name;
    std::function<void(Paced&)> happens;
    std::optional<Duration> read_in;  // from the end of what happens
  };
  const std::optional<Duration> now = Duration::zero(), never;
  const Case cases[] = {
      {"the first answer", [](Paced&) {}, never},
      {"nothing new after a minute", [](Paced& p) { p.Answer(10); }, never},
      {"somebody else", [](Paced& p) { p.Answer(11); }, now},
      {"somebody else's affair: the index moved, and nothing else",
       [](Paced& p) {
         p.pacer.Asked(0, p.now);
         p.pacer.Answered(0, WatchAnswer{11, 10}, p.now);
       },
       never},
      {"ourselves",
       [](Paced& p) {
         p.Write();
         p.Answer(11);
       },
       seconds(10)},
      {"ourselves, and the answer comes before that of the write",
       [](Paced& p) {
         p.pacer.WriteBegan(p.now);
         p.Answer(11);
       },
       seconds(10)},
      {"somebody else, after ourselves",
       [](Paced& p) {
         p.Write();
         p.Answer(11);
         p.now += seconds(2);
         p.Answer(12);
       },
       now},
      {"somebody else, after ourselves, whose answer came before that of the write",
       [](Paced& p) {
         p.pacer.WriteBegan(p.now);
         p.now += milliseconds(1);
         p.Answer(11);
         p.now += milliseconds(1);
         p.pacer.WriteEnded();
         p.now += seconds(2);
         p.Answer(12);
       },
       now},
      {"an index that went back, though we had written",
       [](Paced& p) {
         p.Write();
         p.Answer(3);
       },
       now},
      {"no answer", [](Paced& p) { p.Fail(); }, never},
      {"an answer again: what happened meanwhile is not known",
       [](Paced& p) {
         p.Fail();
         p.now += seconds(2);
         p.Answer(10);
       },
       now},
      {"read since by itself",
       [](Paced& p) {
         p.Write();
         p.Answer(11);
         p.Read();
       },
       never},
      {"a read that had begun before",
       [](Paced& p) {
         p.pacer.ReadBegan(p.now);
         p.now += seconds(1);
         p.Answer(11);
         p.pacer.ReadEnded(true, p.now);
       },
       now},
      {"a read that failed",
       [](Paced& p) {
         p.Answer(11);
         p.pacer.ReadBegan(p.now);
         p.pacer.ReadEnded(false, p.now);
       },
       now},
      {"somebody else, just after a read that took long",
       [](Paced& p) {
         p.Read(milliseconds(200));
         p.Answer(11);
       },
       now},
      {"somebody else, just after three reads",
       [](Paced& p) {
         p.Read();
         p.Read();
         p.Read();
         p.Answer(11);
       },
       milliseconds(980)},
      {"somebody else, just after three reads that took long",
       [](Paced& p) {
         p.Read(milliseconds(200));
         p.Read(milliseconds(200));
         p.Read(milliseconds(200));
         p.Answer(11);
       },
       milliseconds(3600)},
      {"ourselves, just after a read that took long",
       [](Paced& p) {
         p.Read(milliseconds(200));
         p.Write();
         p.Answer(11);
       },
       seconds(20)},
  };
  for (const Case& c : cases) {
    INFO(c.name);
    Paced paced;
    c.happens(paced);
    const std::optional<Mono> at = paced.pacer.ReadAt(false);
    REQUIRE(at.has_value() == c.read_in.has_value());
    if (at) {
      CHECK(std::max(*at, paced.now) - paced.now == *c.read_in);
    }
  }
}

TEST_CASE("A read for what is likely our own doing waits for the end of a long write, or a minute") {
  Paced paced;
  const auto in = [&](bool writing) { return paced.pacer.ReadAt(writing).value() - paced.now; };
  paced.Write();
  paced.Answer(11);
  CHECK(in(true) == seconds(60));
  CHECK(in(false) == seconds(10));
  paced.now += seconds(20);
  paced.Write();
  paced.Answer(12);
  CHECK(in(true) == seconds(40));  // of the first one
  paced.now += seconds(1);
  paced.Answer(13);  // somebody else's: that can't wait
  CHECK(in(true) <= seconds(0));
  paced.Read();
  CHECK_FALSE(paced.pacer.ReadAt(true));
  paced.Write();
  paced.Answer(14);
  CHECK(in(true) == seconds(60));
}

TEST_CASE("A registry that answers at once each time is asked twice, then once a second") {
  WatchPacer pacer(WatchPolicy{}, 1, 1);
  Mono now = kBegin;
  int asked = 0;
  for (; now < kBegin + seconds(10); now = std::max(now, pacer.AskAt(0))) {
    pacer.Asked(0, now);
    pacer.Answered(0, WatchAnswer{7, 7}, now);
    ++asked;
  }
  CHECK(asked == 11);
}

TEST_CASE("Others who change our entries all the time cost a twentieth of the time") {
  Paced paced;
  const Mono begun = paced.now;
  Duration reading{};
  for (uint64_t index = 11; paced.now < begun + seconds(600); ++index) {
    paced.now = std::max(paced.now, paced.pacer.AskAt(0));
    paced.Answer(index);
    paced.now = std::max(paced.now, paced.pacer.ReadAt(false).value());
    paced.Read(milliseconds(500));
    reading += milliseconds(500);
  }
  CHECK(reading <= seconds(32));
  CHECK(reading >= seconds(25));
}

TEST_CASE("A watch that fails is asked later and later, from the beginning, and says so") {
  WatchPacer pacer(WatchPolicy{}, 2, 1);
  Mono now = kBegin;
  pacer.Asked(0, now);
  pacer.Answered(0, WatchAnswer{7, 7}, now);
  CHECK(pacer.error().empty());
  Duration waits{};
  for (int i = 0; i < 10; ++i) {
    now = std::max(now, pacer.AskAt(0));
    pacer.Asked(0, now);
    pacer.Answered(0, absl::UnavailableError("refused"), now);
    waits = pacer.AskAt(0) - now;
  }
  CHECK(waits >= seconds(15));
  CHECK(waits <= seconds(30));
  CHECK(pacer.error() == "UNAVAILABLE: refused");
  CHECK(pacer.failing_since() == kBegin);
  CHECK(pacer.Asked(0, now) == 0);
  pacer.Answered(0, WatchAnswer{9, 9}, now);
  CHECK(pacer.error().empty());
  CHECK_FALSE(pacer.failing_since());
}

TEST_CASE("Fifty changes a second of our own cost a read each ten seconds, one of others one at once") {
  Rig rig;
  rig.adapter.traits.watches = 1;
  rig.Pass();
  CHECK(rig.r().WatchDeadline(0).value() <= rig.now);
  rig.r().WatchBegan(0, rig.now);
  rig.r().WatchEnded(0, WatchAnswer{1, 1}, rig.now);
  const Mono begun = rig.now;
  int reads = 0;
  uint64_t index = 1;
  const auto step = [&] {
    rig.now += milliseconds(20);
    if (rig.r().WatchDeadline(0).value() <= rig.now) {
      rig.r().WatchBegan(0, rig.now);
      rig.r().WatchEnded(0, WatchAnswer{index, index}, rig.now);
    }
    while (rig.r().NextReadDeadline().value_or(Mono::max()) <= rig.now && rig.r().NextRead(rig.now)) {
      rig.Visit("");
      rig.r().ReadEnded("", absl::OkStatus(), rig.now);
      ++reads;
    }
  };
  for (int i = 0; rig.now < begun + seconds(60); ++i) {
    rig.Offer(App("/web", "web", {Task("a", 1 + i % 1000)}));
    rig.Write();
    ++index;
    step();
  }
  CHECK(reads <= 6);
  CHECK(reads >= 5);
  for (int i = 0; i < 1000; ++i) {
    step();
  }
  CHECK(reads <= 7);  // the last of our own are looked after, and then it is quiet
  reads = 0;
  ++index;
  for (int i = 0; i < 50; ++i) {
    step();
  }
  CHECK(reads == 1);
}

TEST_CASE("While changes are under way no read begins that they alone may be the reason for") {
  Rig rig;
  rig.adapter.traits.watches = 1;
  rig.Pass();
  rig.r().WatchBegan(0, rig.now);
  rig.r().WatchEnded(0, WatchAnswer{1, 1}, rig.now);
  rig.Offer(App("/web", "web", {Task("a", 1)}));
  const auto batch = rig.r().NextBatch(rig.now);
  REQUIRE(batch);
  rig.now += seconds(1);
  rig.r().WatchBegan(0, rig.now);
  rig.r().WatchEnded(0, WatchAnswer{2, 2}, rig.now);
  CHECK(rig.r().NextReadDeadline() == rig.now + seconds(60));
  rig.r().Finished(*batch, std::vector<absl::Status>(batch->changes.size()), rig.now);
  rig.Write();
  CHECK(rig.r().NextReadDeadline() == rig.now + seconds(10));
}

TEST_CASE("A registry is watched once it was read, and not at all to make a plan") {
  Rig rig;
  rig.adapter.traits.watches = 1;
  CHECK_FALSE(rig.r().WatchDeadline(0));
  rig.Pass();
  CHECK(rig.r().WatchDeadline(0));
  rig.Restart();
  rig.policy.dry_run = true;
  rig.Pass();
  CHECK_FALSE(rig.r().WatchDeadline(0));
}

TEST_CASE("A watch that fails is said and shown, and its end is") {
  Rig rig;
  rig.adapter.traits.watches = 1;
  rig.Pass();
  (void)rig.r().TakeNotes();
  for (int i = 0; i < 3; ++i) {
    rig.r().WatchEnded(0, absl::UnavailableError("refused"), rig.now);
  }
  CHECK(rig.Said(NoteKind::kRead) == Words{"changes by other hands are found by full passes alone, "
                                           "watching fails: UNAVAILABLE: refused"});
  CHECK(rig.r().Report(rig.now).watch_error == "UNAVAILABLE: refused");
  rig.now += seconds(7);
  rig.r().WatchEnded(0, WatchAnswer{1, 1}, rig.now);
  CHECK(rig.Said(NoteKind::kRead) == Words{"watching works again, after 7 s"});
  CHECK(rig.r().Report(rig.now).watch_error.empty());
}

}  // namespace
}  // namespace dispatcher
