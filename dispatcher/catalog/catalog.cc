#include "dispatcher/catalog/catalog.h"

#include <algorithm>
#include <map>
#include <utility>

#include "dispatcher/base/strings.h"
#include "dispatcher/catalog/app.h"
#include "dispatcher/catalog/context.h"

namespace dispatcher {
namespace {

// Between two snapshots of which neither came from the stream's leader: a change of
// leader is over in seconds, a proxy that gives it another name stays.
constexpr Duration kForeignWait = std::chrono::seconds(1);
constexpr Duration kForeignWaitCap = std::chrono::seconds(64);

// Since 1.8 an instance has a goal, and instance_changed_event comes for a change of
// the goal alone, too (Marathon 1.8, core/instance/update/InstanceChangedEventsGenerator.scala).
bool TellsGoals(std::string_view version) {
  const std::vector<std::string_view> parts = Split(version, '.');
  const auto major = ParseInt(parts[0]), minor = ParseInt(parts.size() > 1 ? parts[1] : "");
  return major.has_value() && minor.has_value() &&
         std::pair(*major, *minor) >= std::pair<int64_t, int64_t>(1, 8);
}

std::string_view WhyBad(const ReadEnded& ended, size_t index) {
  return index < ended.bad_why.size() ? std::string_view(ended.bad_why[index]) : "";
}

}  // namespace

struct Catalog::Impl {
  explicit Impl(CatalogPolicy p) : policy(std::move(p)) {}

  CatalogPolicy policy;
  std::map<SharedString, App, std::less<>> apps;
  AddressBook addresses;
  Hosts hosts;
  StringPool strings;
  Graves graves;
  std::set<std::pair<std::string, AppId>> waiting_for_host;
  std::set<std::pair<Mono, AppId>> wakes;  // one per app that has one
  std::map<AppId, Mono> wake_of;

  bool attached = false, synced = false, ever_synced = false;
  uint32_t generation = 0;
  uint64_t attach_seq = 0;
  std::string leader, framework, distrust;
  bool goals_told = false;
  Duration foreign_wait = kForeignWait;  // before the next snapshot if this one is not the leader's

  Effects Step(const Envelope& envelope, Mono now);

  // One overload for each observation.
  void On(const StreamAttached& attached, Context& context);
  void On(const StreamLost& lost, Context& context);
  void On(const StreamGap& gap, Context& context);
  void On(const GroupTouched& group, Context& context);
  void On(const DeploymentUpdate& deployment, Context& context);
  void On(const SchedulerChanged& scheduler, Context& context);
  void On(const AppSeen& seen, Context& context);
  void On(const ReadEnded& ended, Context& context);
  void On(const VersionSeen& version, Context& context);
  void On(const MarathonInfo& info, Context& context);
  void On(const HostResolved& host, Context& context);
  void On(const Tick& tick, Context& context);
  template <typename AppEvent>
  void On(const AppEvent& event, Context& context) {
    if (!event.app.empty()) {
      AppOf(event.app).On(event, context);
      touched.insert(event.app);
    }
  }

  App& AppOf(std::string_view id) {
    const auto it = apps.find(id);
    if (it != apps.end()) {
      return it->second;
    }
    const SharedString shared(id);
    return apps.try_emplace(shared, shared).first->second;
  }
  bool Authority(const ReadMark& mark) const;
  void EndSnapshot(const ReadEnded& ended, Context& context);
  void SettleWakes();
  void BurySurplus(Mono now);
  static void Want(ReadWanted::What what, std::string_view reason, Context& context);

  std::set<AppId> touched;  // in this step
};

// A read may take back what events said, and may say "absent", only if it began
// after this stream was proven and was answered by the leader that feeds it.
bool Catalog::Impl::Authority(const ReadMark& mark) const {
  return attached && mark.generation == generation && mark.begun_after >= attach_seq && mark.leader == leader;
}

void Catalog::Impl::Want(ReadWanted::What what, std::string_view reason, Context& context) {
  ReadWanted read;
  read.what = what;
  read.reason = reason;
  context.effects.reads.push_back(std::move(read));
}

void Catalog::Impl::On(const StreamAttached& now_attached, Context& context) {
  attached = true;
  synced = false;
  generation = context.generation;
  attach_seq = context.seq;
  leader = now_attached.leader;
  goals_told = false;  // until this one has said its version
  foreign_wait = kForeignWait;
  context.Say(NoteKind::kStream, "", "", "attached to " + leader);
  Want(ReadWanted::What::kInfo, "a stream was attached", context);
  Want(ReadWanted::What::kSnapshot, "a stream was attached", context);
}

void Catalog::Impl::On(const StreamLost& lost, Context& context) {
  attached = false;
  synced = false;
  context.Say(NoteKind::kStream, "", "", "lost: " + Text(lost.why));
}

void Catalog::Impl::On(const StreamGap& gap, Context& context) {
  context.Say(NoteKind::kStream, "", "", "a gap: " + gap.why);
  Want(ReadWanted::What::kSnapshot, "a gap in the stream", context);
}

// Deployments name the apps that a change of a group concerns.
void Catalog::Impl::On(const GroupTouched&, Context&) {}

void Catalog::Impl::On(const DeploymentUpdate& deployment, Context& context) {
  std::set<AppId> named;
  for (const auto* actions : {&deployment.all, &deployment.current}) {
    for (const DeploymentAction& action : *actions) {
      named.insert(action.app);
    }
  }
  for (const AppId& id : named) {
    if (!id.empty()) {
      AppOf(id).On(deployment, context);
      touched.insert(id);
    }
  }
}

void Catalog::Impl::On(const SchedulerChanged& scheduler, Context& context) {
  if (!scheduler.framework_id.empty()) {
    framework = scheduler.framework_id;
  }
  context.Say(NoteKind::kStream, "", "", scheduler.event);
  Want(ReadWanted::What::kInfo, scheduler.event, context);
}

void Catalog::Impl::On(const MarathonInfo& info, Context&) {
  if (!info.framework_id.empty()) {
    framework = info.framework_id;
  }
  goals_told = TellsGoals(info.version);
}

void Catalog::Impl::On(const AppSeen& seen, Context& context) {
  context.from_event = false;
  AppOf(seen.definition->id).Seen(seen, Authority(seen.mark) && seen.has_tasks, context);
  touched.insert(seen.definition->id);
}

void Catalog::Impl::EndSnapshot(const ReadEnded& ended, Context& context) {
  const bool authority = Authority(ended.mark);
  const size_t known = static_cast<size_t>(std::count_if(apps.begin(), apps.end(), [&ended](const auto& app) {
    const App& a = app.second;
    const bool listed = a.facts().Current() != nullptr && !a.facts().absent;
    // What an event told after the read began is not at odds with its answer.
    const bool news = a.facts().last_seq > ended.mark.begun_after;
    return (listed || a.HasLiveTasks()) && !a.ExplainedGone() && !news;
  }));
  // A leader that has not loaded its state yet answers with no apps, as often as it
  // is asked.
  const std::string distrusted_before = std::exchange(distrust, "");
  if (ended.apps == 0 && known > 0) {
    distrust = "Marathon answered with no apps at all while " + Count(known, "is known", "are known");
    if (distrust != distrusted_before) {
      context.Say(NoteKind::kRead, "", "", distrust);
    }
  }
  const bool nameless = std::find(ended.bad_apps.begin(), ended.bad_apps.end(), "") != ended.bad_apps.end();
  for (size_t i = 0; i < ended.bad_apps.size(); ++i) {
    if (const AppId& id = ended.bad_apps[i]; !id.empty()) {
      AppOf(id).Undecodable(WhyBad(ended, i), context);
      touched.insert(id);
    }
  }
  for (auto& [id, app] : apps) {
    touched.insert(id);
    const bool bad = std::find(ended.bad_apps.begin(), ended.bad_apps.end(), id) != ended.bad_apps.end();
    if (app.facts().seen_in_read >= ended.read) {
      if (authority) {
        app.Finish(ended.mark, ended.read, context);
      }
      app.ReadAnswered(ended.mark, authority, context);
    } else if (!bad && !nameless && distrust.empty()) {
      app.NotThere(ended.mark, ended.read, authority, context);
    } else {
      app.ReadAnswered(ended.mark, authority, context);
    }
  }
  if (!authority) {
    context.Say(NoteKind::kRead, "", "",
                "a snapshot from " + ended.mark.leader +
                    " only adds: it is not the stream's leader, or older than the stream");
    if (attached) {
      if (ended.mark.leader != leader) {
        distrust = "it was answered by " + ended.mark.leader + ", while the events come from " + leader;
      }
      Want(ReadWanted::What::kSnapshot, "the last one was not the stream's leader's", context);
      context.effects.reads.back().not_before = context.now + foreign_wait;
      foreign_wait = std::min(2 * foreign_wait, kForeignWaitCap);
    }
    return;
  }
  foreign_wait = kForeignWait;
  if (distrust.empty()) {
    synced = ever_synced = true;
  }
  context.effects.full_pass = FullPass{ended.apps == 0, framework};
}

void Catalog::Impl::On(const ReadEnded& ended, Context& context) {
  context.from_event = false;
  if (ended.scope == ReadScope::kSnapshot) {
    if (ended.status.ok()) {
      EndSnapshot(ended, context);
    } else {
      context.Say(NoteKind::kRead, "", "", "a snapshot failed and says nothing: " + Text(ended.status));
    }
    return;
  }
  touched.insert(ended.app);
  const bool authority = Authority(ended.mark);
  App& app = AppOf(ended.app);
  if (ended.status.ok() && !ended.bad_apps.empty()) {
    app.Undecodable(WhyBad(ended, 0), context);
    app.ReadAnswered(ended.mark, authority, context);
  } else if (ended.status.ok()) {
    if (authority && app.facts().seen_in_read >= ended.read) {
      app.Finish(ended.mark, ended.read, context);
    }
    app.ReadAnswered(ended.mark, authority, context);
  } else if (absl::IsNotFound(ended.status)) {
    app.NotThere(ended.mark, ended.read, authority, context);
  }
}

void Catalog::Impl::On(const VersionSeen& version, Context& context) {
  context.from_event = false;
  AppOf(version.app).On(version, context);
  touched.insert(version.app);
}

void Catalog::Impl::On(const HostResolved& host, Context& context) {
  context.from_event = false;
  // A name that can't be resolved is published as it is, better a CNAME than
  // nothing, until it can.
  const std::string before = hosts.ip[host.host];
  const std::string now = host.ips.empty() ? host.host : host.ips.front();
  hosts.ip[host.host] = now;
  if (now == before) {
    return;
  }
  if (host.ips.empty()) {
    context.Say(NoteKind::kRefused, "", "",
                "agent " + host.host + " is published by its name: " + Text(host.status));
  }
  const auto first = waiting_for_host.lower_bound({host.host, ""});
  std::vector<AppId> waiting;
  auto it = first;
  for (; it != waiting_for_host.end() && it->first == host.host; ++it) {
    waiting.push_back(it->second);
  }
  if (!host.ips.empty()) {
    waiting_for_host.erase(first, it);
  }
  for (const AppId& id : waiting) {
    if (const auto app = apps.find(id); app != apps.end()) {
      app->second.HostResolved(context);
      touched.insert(id);
    }
  }
}

void Catalog::Impl::On(const Tick&, Context& context) {
  context.from_event = false;
  while (!wakes.empty() && wakes.begin()->first <= context.now) {
    const AppId id = wakes.begin()->second;
    wakes.erase(wakes.begin());
    wake_of.erase(id);
    const auto app = apps.find(id);
    if (app == apps.end()) {
      continue;
    }
    const int ports = app->second.PortsEver();
    app->second.Recheck(context);
    if (app->second.Forgettable(context.now, policy.tombstone)) {
      for (int port = kAnyPort; port < ports; ++port) {
        context.dirty.insert({id, port});
      }
      apps.erase(app);
    } else {
      touched.insert(id);
    }
  }
}

void Catalog::Impl::SettleWakes() {
  for (const AppId& id : touched) {
    const auto old = wake_of.find(id);
    const auto app = apps.find(id);
    const std::optional<Mono> wake = app == apps.end() ? std::nullopt : app->second.wake();
    if (old != wake_of.end()) {
      if (wake.has_value() && old->second == *wake) {
        continue;
      }
      wakes.erase({old->second, id});
      wake_of.erase(old);
    }
    if (wake.has_value()) {
      wakes.emplace(*wake, id);
      wake_of.emplace(id, *wake);
    }
  }
  touched.clear();
}

void Catalog::Impl::BurySurplus(Mono now) {
  while (const std::optional<Graves::Death> death = graves.TakeSurplus(policy, now)) {
    const auto app = apps.find(death->app);
    if (app == apps.end()) {
      continue;
    }
    if (const WallMs ended_at = app->second.Bury(*death); ended_at != 0) {
      graves.Bury(death->task, ended_at, policy, now);
    }
  }
}

Effects Catalog::Impl::Step(const Envelope& envelope, Mono now) {
  Effects effects;
  std::set<ServiceKey> dirty;
  std::set<std::pair<AppId, TaskId>> displaced;
  Context context{policy,
                  addresses,
                  hosts,
                  strings,
                  graves,
                  effects,
                  dirty,
                  displaced,
                  waiting_for_host,
                  envelope.seq,
                  envelope.generation,
                  envelope.received,
                  now,
                  true,
                  goals_told};
  std::visit([&](const auto& what) { On(what, context); }, envelope.what);
  while (!displaced.empty()) {
    const auto [id, task] = displaced.extract(displaced.begin()).value();
    if (const auto app = apps.find(id); app != apps.end()) {
      app->second.Displace(task, context);
      touched.insert(id);
    }
  }
  for (const AppId& id : touched) {
    if (const auto app = apps.find(id); app != apps.end()) {
      app->second.SettleVersions(context);
    }
  }
  BurySurplus(now);
  SettleWakes();
  effects.dirty.assign(dirty.begin(), dirty.end());
  if (!wakes.empty()) {
    effects.wake = wakes.begin()->first;
  }
  return effects;
}

Catalog::Catalog(CatalogPolicy policy) : impl_(std::make_unique<Impl>(std::move(policy))) {}
Catalog::~Catalog() = default;
Catalog::Catalog(Catalog&&) noexcept = default;
Catalog& Catalog::operator=(Catalog&&) noexcept = default;
Catalog::Catalog(const Catalog& other) : impl_(std::make_unique<Impl>(*other.impl_)) {}
Catalog& Catalog::operator=(const Catalog& other) {
  *this = Catalog(other);
  return *this;
}

Effects Catalog::Step(const Envelope& envelope, Mono now) { return impl_->Step(envelope, now); }

std::shared_ptr<const Service> Catalog::Build(const ServiceKey& key) const {
  const auto it = impl_->apps.find(key.app);
  return it == impl_->apps.end() ? nullptr : it->second.Build(key.port);
}

std::vector<ServiceKey> Catalog::Keys() const {
  std::vector<ServiceKey> keys;
  for (const auto& [id, app] : impl_->apps) {
    for (int port = 0, ports = app.PortCount(); port < ports; ++port) {
      keys.push_back({id, port});
    }
  }
  return keys;
}

bool Catalog::synced() const { return impl_->synced; }

CatalogCounts Catalog::Counts() const {
  CatalogCounts counts;
  counts.apps = impl_->apps.size();
  for (const auto& [id, app] : impl_->apps) {
    for (const auto& [instance_id, instance] : app.facts().instances) {
      counts.tasks += instance.tasks.size();
      for (const auto& [task_id, task] : instance.tasks) {
        counts.running += task.Runs() ? 1 : 0;
        counts.gone += task.verdict.phase == Phase::kGone ? 1 : 0;
      }
    }
  }
  counts.attached = impl_->attached;
  counts.synced = impl_->synced;
  counts.ever_synced = impl_->ever_synced;
  counts.leader = impl_->leader;
  counts.framework = impl_->framework;
  counts.distrust = impl_->distrust;
  return counts;
}

std::vector<AppId> Catalog::Apps() const {
  std::vector<AppId> ids;
  for (const auto& [id, app] : impl_->apps) {
    ids.push_back(id);
  }
  return ids;
}

std::vector<AppSummary> Catalog::Summaries() const {
  std::vector<AppSummary> summaries;
  summaries.reserve(impl_->apps.size());
  for (const auto& [id, app] : impl_->apps) {
    summaries.push_back(app.Summary());
  }
  return summaries;
}

void Catalog::List(Inventory& to) const {
  const Impl& im = *impl_;
  for (const auto& [id, app] : im.apps) {
    to.Text(id);
    dispatcher::List(app.facts(), to);
    to.Number(app.PortsEver());
    to.Number(app.wake().value_or(Mono{}).time_since_epoch().count());
    to.Number(app.buried());
  }
  im.addresses.List(to);
  im.graves.List(to);
  for (const auto& [name, ip] : im.hosts.ip) {
    to.Text(name);
    to.Text(ip);
  }
  for (const auto& [host, app] : im.waiting_for_host) {
    to.Text(host);
    to.Text(app);
  }
  to.Number(im.attached);
  to.Number(im.synced);
  to.Number(im.ever_synced);
  to.Number(im.generation);
  to.Seq(im.attach_seq);
  to.Text(im.leader);
  to.Text(im.framework);
  to.Text(im.distrust);
  to.Number(im.goals_told);
  to.Number(im.foreign_wait.count());
}

std::optional<AppReport> Catalog::Explain(const AppId& app, Mono now) const {
  const auto it = impl_->apps.find(app);
  return it == impl_->apps.end() ? std::nullopt : std::optional<AppReport>(it->second.Report(now));
}

}  // namespace dispatcher
