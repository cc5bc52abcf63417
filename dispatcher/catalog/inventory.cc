#include "dispatcher/catalog/inventory.h"

#include <optional>

#include "dispatcher/catalog/facts.h"

namespace dispatcher {
namespace {

void List(Mono time, Inventory& to) { to.Number(time.time_since_epoch().count()); }

void List(const Stamp& stamp, Inventory& to) {
  to.Number(stamp.generation);
  to.Number(stamp.at);
}

template <typename Items>
void ListTexts(const Items& items, Inventory& to) {
  to.Number(std::ssize(items));
  for (const auto& item : items) {
    to.Text(item);
  }
}

void List(const Place& place, Inventory& to) {
  to.Text(place.host);
  to.Number(std::ssize(place.ports));
  for (const int port : place.ports) {
    to.Number(port);
  }
  ListTexts(place.ips, to);
}

void List(const TaskFacts& facts, Inventory& to) {
  to.Number(static_cast<int>(facts.life));
  to.Number(static_cast<int>(facts.life_source));
  to.Number(facts.ready);
  to.Number(facts.absent);
  to.Number(static_cast<int>(facts.absent_why));
  to.Number(facts.kill_announced);
  to.Number(facts.mesos_healthy.has_value() ? 1 + (*facts.mesos_healthy ? 1 : 0) : 0);
  to.Seq(facts.mesos_seq);
  to.Number(facts.leaving->kill_generation);
  to.Seq(facts.life_seq);
  to.Text(facts.life_word);
  to.Number(facts.leaving->given_up_at);
  to.Number(facts.staged_at);
  to.Number(facts.running_at);
  List(facts.place, to);
  to.Text(facts.version);
  to.Number(facts.version_at);
  to.Seq(facts.last_seq);
  to.Read(facts.seen_in_read);
  to.Seq(facts.listed_seq);
  to.Seq(facts.leaving->absent_seq);
  List(facts.last_received, to);
  List(facts.leaving->doomed_since, to);
  List(facts.leaving->unreachable_since, to);
  List(facts.leaving->hinted_since, to);
  List(facts.leaving->gone_since, to);
  to.Number(facts.leaving->ended_at);
  List(facts.leaving->listed_dead, to);
}

void List(const HealthFacts& health, Inventory& to) {
  to.Number(health.event.has_value());
  if (health.event) {
    List(health.event->stamp, to);
    to.Number(health.event->alive);
    to.Number(health.event->definite);
    to.Seq(health.event->seq);
  }
  to.Number(health.read.has_value());
  if (health.read) {
    List(health.read->stamp, to);
    to.Number(health.read->alive);
    to.Number(health.read->reported);
    to.Seq(health.read->begun_after);
  }
  to.Number(health.first_alive.has_value());
  if (health.first_alive) {
    List(*health.first_alive, to);
  }
}

// The rest of a task follows from its facts, but for what stands from an earlier time.
void List(const Task& task, Inventory& to) {
  List(task.facts, to);
  to.Text(task.verdict.reason);
  to.Number(static_cast<int>(task.verdict.want));
  to.Number(static_cast<int>(task.verdict.condition));
  to.Number(task.verdict.hinted);
  to.Number(task.read_wanted);
  to.Number(task.fit);
  to.Text(task.trouble);
  to.Number(std::ssize(task.endpoints));
  to.Number(std::ssize(task.built));
  for (const auto& built : task.built) {
    to.Text(built == nullptr ? SharedString() : built->address);
    to.Number(built == nullptr ? 0 : built->port);
  }
}

void List(const DeploymentFacts& deployment, Inventory& to) {
  to.Seq(deployment.seq);
  to.Number(deployment.version_at);
  to.Text(deployment.doing);
  to.Number(deployment.step);
  to.Number(deployment.steps);
  to.Number(deployment.may_kill);
  List(deployment.since, to);
  List(deployment.failed_at, to);
}

}  // namespace

void List(const AppFacts& facts, Inventory& to) {
  to.Number(std::ssize(facts.versions));
  for (const auto& [version, definition] : facts.versions) {
    to.Text(version);
    to.Number(definition.definition->instances);
    to.Number(definition.definition->config_changed_at);
  }
  to.Text(facts.current);
  to.Seq(facts.current_seq);
  to.Number(std::ssize(facts.instances));
  for (const auto& [id, instance] : facts.instances) {
    to.Text(id.view());
    List(instance.health, to);
    to.Number(instance.ended);
    to.Seq(instance.last_seq);
    List(instance.running_told, to);
    List(instance.running_update, to);
    for (const auto& [task_id, task] : instance.tasks) {
      to.Text(task_id);
      List(task, to);
    }
  }
  to.Number(std::ssize(facts.deployments->known));
  for (const auto& [id, deployment] : facts.deployments->known) {
    to.Text(id);
    List(deployment, to);
  }
  ListTexts(facts.deployments->ended, to);
  to.Text(facts.deployments->succeeded);
  to.Number(facts.deployments->succeeded_version);
  to.Seq(facts.deployments->succeeded_seq);
  to.Number(facts.front);
  to.Number(facts.older_unknown);
  to.Number(facts.current_serves);
  to.Number(facts.expect_version);
  to.Text(facts.stopping);
  to.Number(facts.stopping_version);
  to.Seq(facts.stopping_seq);
  to.Number(facts.terminated_at);
  to.Seq(facts.terminated_seq);
  to.Number(facts.terminated);
  to.Number(facts.absent);
  to.Number(facts.whole);
  to.Number(facts.full);
  to.Number(facts.undecodable);
  to.Text(facts.undecodable_why);
  to.Number(facts.tasks_read);
  to.Number(facts.need_sent);
  to.Number(facts.need_delayed);
  to.Number(facts.listed_running);
  to.Number(facts.learning_tries);
  to.Read(facts.seen_in_read);
  to.Read(facts.told_in_read);
  to.Seq(facts.last_seq);
  List(facts.gone_since, to);
  to.Seq(facts.need_seq);
  to.Text(facts.need_reason);
  List(facts.learning_since, to);
  ListTexts(facts.other_versions->asked, to);
  ListTexts(facts.other_versions->unavailable, to);
}

}  // namespace dispatcher
