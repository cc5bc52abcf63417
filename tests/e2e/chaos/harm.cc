#include "tests/e2e/chaos/harm.h"

#include <csignal>

namespace dispatcher::testing {
namespace {

using Act = std::function<void(Place&)>;

void Nothing(Place& /*place*/) {}

Act Say(const std::string& faults) {
  return [faults](Place& place) { place.marathon().Faults(faults); };
}

Harm OfMarathon(const std::string& name, const std::string& faults) {
  return {"Marathon: " + name, "marathon", Say(faults), Say(R"({"reset":true})")};
}

Harm OfVulcand(const std::string& name, const std::string& faults) {
  return {"Vulcand: " + name, "vulcand",
          [faults](Place& place) { Routers::Faults(place.routers().vulcand(), faults); },
          [](Place& place) { Routers::Faults(place.routers().vulcand(), R"({"reset":true})"); }};
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

Harm OfConsul(const std::string& name, Act begin, Act end) {
  return {"Consul: " + name, "consul", std::move(begin), std::move(end)};
}

Harm OfDispatcher(const std::string& name, Act begin, Act end) {
  return {"dispatcher: " + name, "dispatcher", std::move(begin), std::move(end)};
}

void Restarted(Place& place) {
  if (const absl::Status status = place.consul().Restart(); !status.ok()) {
    throw std::runtime_error("Consul: " + Text(status));
  }
}

std::vector<Harm> Make() {
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
      {"Marathon: restart", "marathon",
       [](Place& place) { place.marathon().Control("restart", R"({"down_ms":1000})"); }, Nothing},
      {"Marathon: another leader that knows no health", "marathon",
       [](Place& place) { place.marathon().Control("leader", R"({"down_ms":300,"keep_health":false})"); },
       Nothing},
      OfMarathon("stream cut", R"({"cut_after_events":3})"),
      OfMarathon("stream stalls", R"({"stall":true})"),
      OfMarathon("events lost", R"({"drop_percent":50})"),
      OfMarathon("events out of order, twice and late",
                 R"({"reorder":10,"double_percent":50,"delay_ms":200,"split_writes":true})"),
      OfMarathon("stream refused", R"({"stream_refuse":true})"),
      OfMarathon("empty answers", R"({"read_empty":true})"),
      OfMarathon("half answers", R"({"read_half":true})"),
      OfMarathon("errors", R"({"read_status":503})"),
      OfMarathon("answers of a while ago", R"({"read_stale_ms":1500})"),
      OfMarathon("slow answers", R"({"read_delay_ms":700})"),
      OfMarathon("no health in answers", R"({"missing_health":true})"),
      OfConsul(
          "restart", [](Place& place) { place.consul().Kill(); }, Restarted),
      OfConsul(
          "stands still", [](Place& place) { place.consul().Signal(SIGSTOP); },
          [](Place& place) { place.consul().Signal(SIGCONT); }),
      OfConsul(
          "wiped",
          [](Place& place) {
            Empty(place.world().consul());
            place.PutStranger();
          },
          Nothing),
      OfVulcand("writes fail", R"({"fail_writes":-1})"),
      OfVulcand("reads fail", R"({"fail_reads":-1})"),
      OfVulcand("half of what it confirms is lost", R"({"lose_half_of_writes":true})"),
      OfVulcand("slow", R"({"slow_ms":300})"),
      {"Vulcand: wiped", "vulcand", [](Place& place) { place.routers().WipeVulcand(); }, Nothing},
      OfKong("writes fail", R"({"fail_writes":-1})", R"({"fail_writes":0})"),
      OfKong("reads fail", R"({"fail_reads":-1})", R"({"fail_reads":0})"),
      OfKong("half of what it confirms is lost", R"({"lose_half_of_writes":true})",
             R"({"lose_half_of_writes":false})"),
      OfKong("answers are lost", R"({"lose_answers":5})", R"({"lose_answers":0})"),
      OfKong("refuses all", R"({"deny":true})", R"({"deny":false})"),
      {"Kong: wiped", "kong", [](Place& place) { place.routers().WipeKongs(); }, Nothing},
  };
}

}  // namespace

const std::vector<Harm>& Harms() {
  static const std::vector<Harm> harms = Make();
  return harms;
}

}  // namespace dispatcher::testing
