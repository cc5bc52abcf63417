#include "dispatcher/catalog/judge.h"

namespace dispatcher {
namespace {

Verdict Gone(Why why, std::string_view reason) {
  return {Phase::kGone, Want::kNo, why, Condition::kDraining, reason};
}

Verdict Waiting(Phase phase, std::string_view reason) {
  return {phase, Want::kIfThere, Why::kEvent, Condition::kUnknown, reason};
}

Judgement Leaving(const TaskFacts& facts, const CatalogPolicy& policy, Mono now, std::string_view reason) {
  const Mono until = facts.leaving->doomed_since + policy.drain;
  if (policy.drain > Duration::zero() && now < until) {
    return {{Phase::kLeaving, Want::kIfThere, Why::kEvent, Condition::kDraining, reason}, false, until};
  }
  return {{Phase::kLeaving, Want::kNo, Why::kEvent, Condition::kDraining, reason}, false, std::nullopt};
}

Condition ConditionOf(Health health) {
  switch (health) {
    case Health::kPassing:
      return Condition::kPassing;
    case Health::kFailing:
      return Condition::kCritical;
    default:
      return Condition::kUnknown;
  }
}

Judgement Unreachable(const TaskFacts& facts, Health health, const CatalogPolicy& policy, Mono now) {
  const bool for_ever = !policy.unreachable_for.has_value();
  const Mono until = facts.leaving->unreachable_since + policy.unreachable_for.value_or(Duration::zero());
  if (for_ever || now < until) {
    return {{Phase::kUnfit, Want::kIfThere, Why::kEvent, ConditionOf(health),
             "its agent is unreachable; kept as it was"},
            false,
            for_ever ? std::nullopt : std::optional<Mono>(until)};
  }
  return {{Phase::kUnfit, Want::kIfThere, Why::kEvent, Condition::kCritical, "its agent is unreachable"},
          false,
          std::nullopt};
}

}  // namespace

std::string_view Name(Phase phase) {
  switch (phase) {
    case Phase::kSighted:
      return "Sighted";
    case Phase::kPlaced:
      return "Placed";
    case Phase::kRunning:
      return "Running";
    case Phase::kServing:
      return "Serving";
    case Phase::kUnfit:
      return "Unfit";
    case Phase::kLeaving:
      return "Leaving";
    case Phase::kGone:
      return "Gone";
  }
  return "";
}

Judgement Judge(const TaskFacts& facts, const HealthFacts& health, const Circumstances& circumstances,
                const CatalogPolicy& policy, Mono now) {
  if (facts.life == Life::kTerminal) {
    return {Gone(Why::kEvent, "it has ended"), false, std::nullopt};
  }
  if (facts.life == Life::kLost) {
    return {Gone(Why::kEvent, facts.life_source == Source::kAddress
                                  ? "another task runs at its address"
                                  : "it is lost; only a later read brings it back"),
            false, std::nullopt};
  }
  if (circumstances.app_terminated) {
    return {Gone(Why::kEvent, "its app was terminated"), false, std::nullopt};
  }
  if (facts.absent) {
    return {Gone(facts.absent_why, facts.absent_why == Why::kAbsent
                                       ? "a complete read did not list it"
                                       : "a complete read lists all instances without it"),
            false, std::nullopt};
  }
  if (facts.life == Life::kKilling) {
    return Leaving(facts, policy, now, "it is being killed");
  }
  if (facts.kill_announced) {
    return Leaving(facts, policy, now, "Marathon announced its kill: unhealthy");
  }
  if (circumstances.app_stopping) {
    return Leaving(facts, policy, now, "its app is being stopped");
  }
  if (circumstances.superseded) {
    return {{Phase::kLeaving, Want::kIfThere, Why::kEvent, Condition::kDraining,
             "the deployment of a newer version has succeeded"},
            false,
            std::nullopt};
  }

  const bool running = facts.life == Life::kRunning || facts.life == Life::kUnreachable;
  const bool placed = !facts.place.host.empty() || !facts.place.ips.empty();
  if (!running) {
    return {Waiting(placed ? Phase::kPlaced : Phase::kSighted, "it does not run yet"),
            facts.life == Life::kUnknown, std::nullopt};
  }
  if (!circumstances.has_definition) {
    return {Waiting(Phase::kPlaced, "waiting for the definition of its version"), true, std::nullopt};
  }
  if (circumstances.place_wrong) {
    return {Waiting(Phase::kPlaced, "its ports do not fit its definition"), false, std::nullopt};
  }
  if (!circumstances.place_resolved) {
    return {Waiting(placed ? Phase::kPlaced : Phase::kSighted,
                    "waiting for its address: from status_update or a read"),
            true, std::nullopt};
  }

  if (circumstances.host_unresolved) {
    return {Waiting(Phase::kPlaced, "waiting for the IP behind its agent's name"), false, std::nullopt};
  }

  const Health known =
      circumstances.pod.value_or(HealthOf(health, circumstances.checks, circumstances.health_from));
  if (facts.life == Life::kUnreachable) {
    return Unreachable(facts, known, policy, now);
  }
  const Mono hint_ends = facts.leaving->hinted_since + kHintFor;
  if (circumstances.kill_likely && circumstances.hold == Hold::kNone &&
      facts.leaving->hinted_since != Mono{} && now < hint_ends) {
    return {{Phase::kLeaving, Want::kIfThere, Why::kEvent, Condition::kDraining,
             "a kill seems to come: Marathon repeated that it runs, during a deployment", true},
            false,
            hint_ends};
  }
  if (known == Health::kFailing) {
    return {{Phase::kUnfit, Want::kYes, Why::kEvent, Condition::kCritical, "its health check fails"},
            false,
            std::nullopt};
  }
  const bool waits_for_health = circumstances.route_when != RouteWhen::kRunning && known != Health::kPassing;
  if (waits_for_health) {
    return {Waiting(Phase::kRunning, "waiting for its first health result"), known == Health::kOpen,
            std::nullopt};
  }
  if (circumstances.route_when == RouteWhen::kReady && circumstances.ready_needed && !facts.ready) {
    return {Waiting(Phase::kRunning, "waiting for its readiness checks"), false, std::nullopt};
  }
  switch (circumstances.hold) {
    case Hold::kNone:
      break;
    case Hold::kBack:
      return {{Phase::kRunning, Want::kYes, Why::kEvent, Condition::kDraining,
               "held back until the deployment of its version has succeeded"},
              false,
              std::nullopt,
              true};
    case Hold::kOpen:
      return {Waiting(Phase::kRunning, "left as it is until the deployment is over"), false, std::nullopt,
              true};
  }
  return {{Phase::kServing, Want::kYes, Why::kEvent, Condition::kPassing,
           circumstances.checks == 0   ? "it runs (no health check)"
           : known == Health::kPassing ? "it runs and is healthy"
                                       : "it runs; its health is not known yet"},
          circumstances.pod == Health::kOpen,
          std::nullopt,
          true};
}

}  // namespace dispatcher
