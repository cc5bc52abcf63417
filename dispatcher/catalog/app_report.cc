// What is known of an app, for people.
#include <cstdio>
#include <utility>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/app.h"

namespace dispatcher {
namespace {

std::string Ago(Mono now, Mono then) {
  if (then == Mono{}) {
    return "";
  }
  char text[48];
  std::snprintf(text, sizeof text, ", %.1f s ago", Seconds(now - then));
  return text;
}

std::string HealthText(const HealthFacts& health) {
  std::string text;
  if (health.event.has_value()) {
    text.append(health.event->alive ? "alive" : "not alive").append(" by an event");
  }
  if (health.read.has_value()) {
    text.append(text.empty() ? "" : ", ")
        .append(health.read->alive ? "alive" : "not alive")
        .append(" by a read");
  }
  return text.empty() ? "not known" : text;
}

// Each fact with who told it and when, as far as that is kept.
std::vector<std::string> FactsOf(const TaskFacts& facts, const HealthFacts& health, Mono now) {
  std::vector<std::string> texts;
  texts.push_back("life " + facts.life_word + " from " + std::string(Name(facts.life_source)) +
                  Ago(now, facts.last_received));
  const auto stamped = [](WallMs at) { return at == 0 ? "" : ", stamped " + FormatTimestamp(at); };
  if (facts.running_at != 0) {
    texts.push_back("running since " + FormatTimestamp(facts.running_at) + " by Marathon's clock");
  }
  if (health.event) {
    texts.push_back(std::string(health.event->alive ? "alive" : "not alive") + " from a health event" +
                    stamped(health.event->stamp.at));
  }
  if (health.read) {
    texts.push_back(std::string(health.read->alive ? "alive" : "not alive") + " from a read of " +
                    Count(health.read->reported, "check", "checks") + stamped(health.read->stamp.at));
  }
  if (facts.ready) {
    texts.emplace_back("its readiness checks passed");
  }
  if (facts.kill_announced) {
    texts.emplace_back("its kill was announced by an event");
  }
  if (facts.absent) {
    texts.emplace_back("not listed in a read that may say so");
  }
  const std::pair<std::string_view, Mono> since[] = {
      {"first sign that it is leaving", facts.leaving->doomed_since},
      {"unreachable", facts.leaving->unreachable_since},
      {"Marathon repeated alone that it runs", facts.leaving->hinted_since},
      {"gone", facts.leaving->gone_since}};
  for (const auto& [what, when] : since) {
    if (when != Mono{}) {
      texts.push_back(std::string(what) + Ago(now, when));
    }
  }
  return texts;
}

}  // namespace

std::string App::Words(const std::string& id, const DeploymentFacts& deployment, Mono now) {
  std::string text = id + ": " + (deployment.doing.empty() ? "what it does was not told" : deployment.doing);
  if (deployment.step > 0) {
    text += ", step " + std::to_string(deployment.step) + " of " + std::to_string(deployment.steps);
  }
  return text + ", " + std::to_string((now - deployment.since) / std::chrono::seconds(1)) + " s";
}

std::string_view App::StateWord() const {
  return Gone()                        ? "gone"
         : facts_.undecodable          ? "undecodable"
         : facts_.Current() == nullptr ? "learning"
                                       : "known";
}

AppSummary App::Summary() const {
  AppSummary summary;
  summary.app = id_;
  summary.state = StateWord();
  if (const Versioned* current = facts_.Current(); current != nullptr) {
    summary.instances = current->definition->instances;
  }
  for (const auto& [instance_id, instance] : facts_.instances) {
    size_t left = 0, running = 0, serving = 0;
    for (const auto& [id, task] : instance.tasks) {
      left += task.verdict.phase == Phase::kGone ? 0 : 1;
      running += task.Runs() ? 1 : 0;
      serving += task.verdict.phase == Phase::kServing ? 1 : 0;
    }
    summary.running += left > 0 && running == left ? 1 : 0;
    summary.serving += left > 0 && serving == left ? 1 : 0;
  }
  return summary;
}

AppReport App::Report(Mono now) const {
  AppReport report;
  report.app = id_;
  const Versioned* current = facts_.Current();
  report.state = StateWord();
  const AppSummary summary = Summary();
  report.running = summary.running;
  report.serving = summary.serving;
  if (current != nullptr) {
    report.version = current->definition->version;
    report.instances = current->definition->instances;
    if (current->profiles->empty()) {
      report.missing.emplace_back("ports: it declares none, so nothing is published");
    }
    for (const auto& profile : *current->profiles) {
      report.missing.insert(report.missing.end(), profile->problems.begin(), profile->problems.end());
      if (!profile->refusal.empty()) {
        report.missing.push_back("port " + std::to_string(&profile - current->profiles->data()) +
                                 " is not published: " + profile->refusal);
      }
    }
  }
  for (const auto& [id, deployment] : facts_.deployments->known) {
    if (!deployment.failed()) {
      report.deployments.push_back(Words(id, deployment, now));
    }
  }
  if (facts_.undecodable) {
    report.missing.push_back(UndecodableText());
  }
  if (facts_.need_seq != 0) {
    report.missing.push_back("a read: " + facts_.need_reason + Ago(now, facts_.learning_since));
  }
  for (const std::string& version : facts_.other_versions->asked) {
    report.missing.push_back("the definition of version " + version);
  }
  for (const auto& [instance_id, instance] : facts_.instances) {
    for (const auto& [id, task] : instance.tasks) {
      TaskReport entry;
      entry.task = id;
      entry.phase = Name(task.verdict.phase);
      entry.want = task.verdict.want == Want::kYes  ? "yes"
                   : task.verdict.want == Want::kNo ? "no"
                                                    : "if-there";
      entry.reason = task.verdict.reason;
      if (!task.trouble.empty()) {
        entry.reason.append(" (").append(task.trouble).append(")");
      }
      entry.host = task.facts.place.host;
      entry.version = task.facts.version;
      entry.health = HealthText(instance.health);
      entry.ports.assign(task.facts.place.ports.begin(), task.facts.place.ports.end());
      entry.ips.assign(task.facts.place.ips.begin(), task.facts.place.ips.end());
      entry.facts = FactsOf(task.facts, instance.health, now);
      if (task.facts.running_at != 0) {
        entry.running_at = task.facts.running_at;
      }
      report.tasks.push_back(std::move(entry));
    }
  }
  return report;
}

}  // namespace dispatcher
