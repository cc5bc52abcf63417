#include "tests/e2e/chaos/harm.h"

#include <array>
#include <csignal>

#include "tests/e2e/chaos/edits.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using Act = std::function<void(Place&)>;
using Whom = ConsulCluster::Whom;

void Nothing(Place& /*place*/) {}

Harm OfDispatcher(const std::string& name, Act begin, Act end) {
  return {"dispatcher: " + name, "dispatcher", std::move(begin), std::move(end)};
}

// Forth at the beginning and back at the end.
Harm ClockSteps(const std::string& name, seconds by) {
  Harm harm = OfDispatcher(
      name, [by](Place& place) { place.SetClockAhead(by); },
      [](Place& place) { place.SetClockAhead(seconds(0)); });
  harm.possible = [](const Shape& shape) { return shape.clock; };
  return harm;
}

std::vector<Harm> OfDispatchers() {
  return {
      OfDispatcher(
          "kill -9", [](Place& place) { place.dispatcher().Kill9(); },
          [](Place& place) { place.StartDispatcher(); }),
      OfDispatcher(
          "stopped", [](Place& place) { place.dispatcher().Stop(); },
          [](Place& place) { place.StartDispatcher(); }),
      OfDispatcher(
          "stands still", [](Place& place) { place.dispatcher().Signal(SIGSTOP); },
          [](Place& place) { place.dispatcher().Signal(SIGCONT); }),
      OfDispatcher(
          "its log's disk is full",
          [](Place& place) {
            place.dispatcher().Kill9();
            place.StartDispatcher("/dev/full");
          },
          Nothing),
      OfDispatcher(
          "reload", [](Place& place) { place.dispatcher().Signal(SIGHUP); }, Nothing),
      ClockSteps("its clock an hour forward, and back", hours(1)),
      ClockSteps("its clock an hour back, and forward", -hours(1)),
  };
}

Harm Answering(const std::string& name, const std::string& faults) {
  return {"Marathon: " + name, "marathon", [faults](Place& place) { place.marathon().Faults(faults); },
          [](Place& place) { place.marathon().Faults(R"({"reset":true})"); }};
}

Act MarathonClock(hours by) {
  return [by](Place& place) { place.SetMarathonClockAhead(place.shape().marathon_ahead + by); };
}

void ChangeLeader(Place& place) {
  place.marathon().Control("leader", R"({"down_ms":300,"keep_health":false})");
}

std::vector<Harm> OfMarathon() {
  return {
      {"Marathon: restart", "marathon",
       [](Place& place) { place.marathon().Control("restart", R"({"down_ms":1000})"); }, Nothing},
      {"Marathon: another leader that knows no health", "marathon", ChangeLeader, Nothing},
      {"Marathon: another leader whose clock is an hour behind", "marathon",
       [](Place& place) {
         ChangeLeader(place);
         MarathonClock(-hours(1))(place);
       },
       [](Place& place) {
         ChangeLeader(place);
         MarathonClock(hours(0))(place);
       }},
      {"Marathon: its clock an hour forward, and back", "marathon", MarathonClock(hours(1)),
       MarathonClock(hours(0))},
      {"Marathon: its clock an hour back, and forward", "marathon", MarathonClock(-hours(1)),
       MarathonClock(hours(0))},
      Answering("stream cut", R"({"cut_after_events":3})"),
      Answering("stream stalls", R"({"stall":true})"),
      Answering("events lost", R"({"drop_percent":50})"),
      Answering("events out of order, twice and late",
                R"({"reorder":10,"double_percent":50,"delay_ms":200,"split_writes":true})"),
      Answering("stream refused", R"({"stream_refuse":true})"),
      Answering("empty answers", R"({"read_empty":true})"),
      Answering("half answers", R"({"read_half":true})"),
      Answering("errors", R"({"read_status":503})"),
      Answering("answers of a while ago", R"({"read_stale_ms":1500})"),
      Answering("slow answers", R"({"read_delay_ms":100})"),
      Answering("no health in answers", R"({"missing_health":true})"),
  };
}

Harm OfConsul(const std::string& name, Act begin, Act end) {
  return {"Consul: " + name, "consul", std::move(begin), std::move(end)};
}

Harm OfThreeConsuls(const std::string& name, Act begin, Act end) {
  Harm harm = OfConsul(name, std::move(begin), std::move(end));
  harm.possible = [](const Shape& shape) { return shape.consuls == 3; };
  return harm;
}

Act KillConsul(Whom whom, bool with_data) {
  return [whom, with_data](Place& place) {
    place.consul().Kill(whom);
    if (with_data) {
      place.consul().LoseData();
    }
  };
}

void HealConsul(Place& place) {
  if (const absl::Status status = place.consul().Heal(); !status.ok()) {
    throw std::runtime_error("Consul: " + Text(status));
  }
}

// Does it anew until Consul takes it: on a busy machine three may elect at any time.
Act Insist(Act act) {
  return [act = std::move(act)](Place& place) {
    std::string why;
    const bool done = WaitFor([&] {
      try {
        act(place);
        return true;
      } catch (const std::runtime_error& error) {
        why = error.what();
        return false;
      }
    });
    if (!done) {
      throw std::runtime_error(why);
    }
  };
}

std::vector<Harm> OfConsuls() {
  const Act edit = Insist([](Place& place) { EditConsul(place.world().consul()); });
  const Act remove = Insist([](Place& place) { DeleteInConsul(place.world().consul()); });
  const Act strangers = Insist([](Place& place) { place.strangers().PutInConsul(); });
  return {
      OfConsul("the leader is killed, and back", KillConsul(Whom::kLeader, false), HealConsul),
      OfConsul(
          "the leader stands still", [](Place& place) { place.consul().Freeze(Whom::kLeader); }, HealConsul),
      OfConsul("all is lost at a restart", KillConsul(Whom::kAll, true),
               [strangers](Place& place) {
                 HealConsul(place);
                 strangers(place);
               }),
      OfConsul("wiped", Insist([](Place& place) {
                 Empty(place.world().consul());
                 place.strangers().PutInConsul();
               }),
               Nothing),
      OfConsul("others change our entries", edit, edit),
      OfConsul("others delete our entries", remove, remove),
      OfThreeConsuls("a follower is killed, and back", KillConsul(Whom::kFollower, false), HealConsul),
      OfThreeConsuls("a follower is back without its data", KillConsul(Whom::kFollower, true), HealConsul),
      OfThreeConsuls("all are killed, and back", KillConsul(Whom::kAll, false), HealConsul),
      OfThreeConsuls(
          "all stand still", [](Place& place) { place.consul().Freeze(Whom::kAll); }, HealConsul),
  };
}

Harm OfVulcand(const std::string& name, const std::string& faults) {
  return {"Vulcand: " + name, "vulcand",
          [faults](Place& place) { Routers::Faults(place.routers().vulcand(), faults); },
          [](Place& place) { Routers::Faults(place.routers().vulcand(), R"({"reset":true})"); }};
}

Harm BeforeVulcand(const std::string& name, DoorState state) {
  return {"Vulcand: " + name, "vulcand", [state](Place& place) { place.SetVulcandDoor(state); },
          [](Place& place) { place.SetVulcandDoor(DoorState::kOpen); }};
}

std::vector<Harm> OfVulcands() {
  const auto edit = [](Place& place) { EditVulcand(place.routers().vulcand()); };
  const auto remove = [](Place& place) { DeleteInVulcand(place.routers().vulcand()); };
  return {
      OfVulcand("writes fail", R"({"fail_writes":-1})"),
      OfVulcand("reads fail", R"({"fail_reads":-1})"),
      OfVulcand("half of what it confirms is lost", R"({"lose_half_of_writes":true})"),
      OfVulcand("answers are lost", R"({"lose_answers":5})"),
      OfVulcand("half answers", R"({"cut_reads":5})"),
      OfVulcand("slow", R"({"slow_ms":300})"),
      BeforeVulcand("connections are reset", DoorState::kResets),
      BeforeVulcand("nobody listens", DoorState::kShut),
      BeforeVulcand("cut off", DoorState::kHeld),
      {"Vulcand: restart", "vulcand", [](Place& place) { place.routers().RestartVulcand(); }, Nothing},
      {"Vulcand: wiped", "vulcand",
       [](Place& place) {
         place.routers().WipeVulcand();
         place.strangers().PutInVulcand();
       },
       Nothing},
      {"Vulcand: others change our entries", "vulcand", edit, edit},
      {"Vulcand: others delete our entries", "vulcand", remove, remove},
  };
}

Harm OfKong(const std::string& name, const std::string& begin, const std::string& end) {
  const auto both = [](const std::string& faults) {
    return [faults](Place& place) {
      Routers::Faults(place.routers().kong(), faults);
      Routers::Faults(place.routers().gateway(), faults);
    };
  };
  return {"Kong: " + name, "kong", both(begin), both(end)};
}

Harm BeforeKong(const std::string& name, DoorState state) {
  return {"Kong: " + name, "kong", [state](Place& place) { place.SetKongDoors(state); },
          [](Place& place) { place.SetKongDoors(DoorState::kOpen); }};
}

std::vector<Harm> OfKongs() {
  const auto both = [](void (*edit)(Http&)) {
    return [edit](Place& place) {
      edit(place.routers().kong());
      edit(place.routers().gateway());
    };
  };
  return {
      OfKong("writes fail", R"({"fail_writes":-1})", R"({"fail_writes":0})"),
      OfKong("reads fail", R"({"fail_reads":-1})", R"({"fail_reads":0})"),
      OfKong("half of what it confirms is lost", R"({"lose_half_of_writes":true})",
             R"({"lose_half_of_writes":false})"),
      OfKong("answers are lost", R"({"lose_answers":5})", R"({"lose_answers":0})"),
      OfKong("half answers", R"({"cut_reads":5})", R"({"cut_reads":0})"),
      OfKong("slow", R"({"slow_ms":300})", R"({"slow_ms":0})"),
      OfKong("refuses all", R"({"deny":true})", R"({"deny":false})"),
      BeforeKong("connections are reset", DoorState::kResets),
      BeforeKong("nobody listens", DoorState::kShut),
      BeforeKong("cut off", DoorState::kHeld),
      {"Kong: restart", "kong", [](Place& place) { place.routers().RestartKongs(); }, Nothing},
      {"Kong: wiped", "kong",
       [](Place& place) {
         place.routers().WipeKongs();
         place.strangers().PutInKongs();
       },
       Nothing},
      {"Kong: others change our entries", "kong", both(EditKong), both(EditKong)},
      {"Kong: others delete our entries", "kong", both(DeleteInKong), both(DeleteInKong)},
  };
}

}  // namespace

const std::vector<Harm>& Harms() {
  static const std::vector<Harm> harms = [] {
    std::vector<Harm> all;
    for (std::vector<Harm>& some :
         std::array{OfDispatchers(), OfMarathon(), OfConsuls(), OfVulcands(), OfKongs()}) {
      all.insert(all.end(), some.begin(), some.end());
    }
    return all;
  }();
  return harms;
}

}  // namespace dispatcher::testing
