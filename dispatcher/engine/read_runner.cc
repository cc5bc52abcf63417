#include "dispatcher/engine/read_runner.h"

#include <algorithm>
#include <utility>

namespace dispatcher {
namespace {

// Apps handed over together: enough to be cheap, few enough that the registries
// get the first of them while the rest is still on its way.
constexpr size_t kAppsTogether = 32;
// A snapshot that is decoded faster than it is merged waits, so that an event
// finds a short queue before it.
constexpr size_t kQueueBeforeRead = 256;
constexpr int kStandbySeldom = 5;

std::string_view NameOf(ReadWanted::What what) {
  switch (what) {
    case ReadWanted::What::kSnapshot:
      return "snapshot";
    case ReadWanted::What::kApp:
      return "app";
    case ReadWanted::What::kVersion:
      return "version";
    case ReadWanted::What::kInfo:
      return "info";
    case ReadWanted::What::kResolve:
      return "host";
  }
  return "read";
}

// Of a kind that is carried out here, which leaves out kResolve.
ReadCounts& CountsOf(ReadsReport& report, ReadWanted::What what) {
  switch (what) {
    case ReadWanted::What::kSnapshot:
      return report.snapshots;
    case ReadWanted::What::kApp:
      return report.apps;
    case ReadWanted::What::kVersion:
      return report.versions;
    default:
      return report.infos;
  }
}

MarathonReads::Kind KindOf(const ReadJob& job) {
  return job.pod ? MarathonReads::Kind::kPodFirst : MarathonReads::Kind::kAppFirst;
}

template <typename T>
std::vector<Observation> One(T observation) {
  std::vector<Observation> one;
  one.emplace_back(std::move(observation));
  return one;
}

}  // namespace

ReadRunner::ReadRunner(MarathonReads reads, ReadPolicy policy, Inbox& inbox, const Clock& clock)
    : reads_(std::move(reads)),
      parallelism_(policy.in_flight),
      inbox_(inbox),
      clock_(clock),
      resolver_(clock,
                [this](HostResolved resolved) { inbox_.Push(One(std::move(resolved)), clock_.Now()); }),
      scheduler_(policy) {}

ReadRunner::~ReadRunner() { Stop(); }

void ReadRunner::Start() {
  resolver_.Start();
  for (size_t i = 0; i < parallelism_; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

void ReadRunner::Stop() {
  CancelSource round;
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    round = round_;
    wake_.NotifyAll();
  }
  round.request_stop();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
  resolver_.Stop();
}

void ReadRunner::Attached(const std::vector<ReadWanted>& wanted) {
  CancelSource before;
  {
    MutexLock lock(mutex_);
    if (!stopping_) {
      before = std::exchange(round_, CancelSource());
    }
    scheduler_.Attached(clock_.Now());
    Queue(wanted);
  }
  before.request_stop();
}

void ReadRunner::Detached() {
  MutexLock lock(mutex_);
  scheduler_.Detached();
}

void ReadRunner::SetStandby(bool standby) {
  MutexLock lock(mutex_);
  scheduler_.SetSeldom(standby ? kStandbySeldom : 1);
}

void ReadRunner::Want(const std::vector<ReadWanted>& wanted) {
  MutexLock lock(mutex_);
  Queue(wanted);
}

void ReadRunner::Queue(const std::vector<ReadWanted>& wanted) {
  const Mono now = clock_.Now();
  for (const ReadWanted& read : wanted) {
    if (read.what == ReadWanted::What::kResolve) {
      resolver_.Want(read.host, std::max(read.not_before, now));
    } else {
      scheduler_.Want(read, now);
    }
  }
  wake_.NotifyAll();
}

void ReadRunner::Run() {
  mutex_.lock();
  while (!stopping_) {
    const std::optional<ReadJob> job = scheduler_.Next(clock_.Now());
    if (!job) {
      if (const std::optional<Mono> due = scheduler_.NextDeadline()) {
        wake_.WaitUntil(mutex_, *due);
      } else {
        wake_.Wait(mutex_);
      }
      continue;
    }
    const Cancel cancel = round_.get_token();
    // Together, so that of two reads the one with the larger number began later.
    const uint64_t number = ++last_number_;
    ReadMark mark = inbox_.Position();
    mutex_.unlock();
    const Mono begun = clock_.Now();
    const Outcome outcome = Carry(*job, number, std::move(mark), cancel);
    const Mono now = clock_.Now();
    Tell(*job, outcome.status);
    mutex_.lock();
    scheduler_.Ended(*job, outcome.status, outcome.apps, now - begun, now);
    Count(*job, outcome, now - begun, now);
    wake_.NotifyAll();
  }
  mutex_.unlock();
}

ReadRunner::Outcome ReadRunner::Carry(const ReadJob& job, uint64_t number, ReadMark mark,
                                      const Cancel& cancel) {
  switch (job.what) {
    case ReadWanted::What::kVersion: {
      auto definition = reads_.Version(job.app, KindOf(job), job.version, cancel);
      const absl::Status status = definition.status();
      inbox_.Push(One(VersionSeen{job.app, job.version, definition.ok() ? *definition : nullptr, status}),
                  clock_.Now());
      return {status, 0, {}, ""};
    }
    case ReadWanted::What::kInfo: {
      absl::StatusOr<MarathonInfo> info = reads_.Info(cancel);
      if (!info.ok()) {
        return {info.status(), 0, {}, ""};
      }
      inbox_.Push(One(*info), clock_.Now());
      return {absl::OkStatus(), 0, {}, info->version};
    }
    default:
      return CarryApps(job, number, std::move(mark), cancel);
  }
}

ReadRunner::Outcome ReadRunner::CarryApps(const ReadJob& job, uint64_t number, ReadMark mark,
                                          const Cancel& cancel) {
  const Mono begun = clock_.Now();
  std::vector<Observation> together;
  const auto visit = [&](AppSeen app) {
    app.read = number;
    mark.leader = app.mark.leader;
    app.mark = mark;
    together.emplace_back(std::move(app));
    if (together.size() >= kAppsTogether) {
      inbox_.WaitForRoom(kQueueBeforeRead);
      inbox_.Push(std::exchange(together, {}), clock_.Now());
    }
  };
  const bool snapshot = job.what == ReadWanted::What::kSnapshot;
  ReadResult result =
      snapshot ? reads_.Snapshot(cancel, visit) : reads_.App(job.app, KindOf(job), cancel, visit);
  mark.leader = result.leader;
  together.emplace_back(ReadEnded{number, mark, snapshot ? ReadScope::kSnapshot : ReadScope::kApp, job.app,
                                  result.status, result.apps, result.bad_apps, std::move(result.bad_why),
                                  clock_.Now() - begun});
  inbox_.Push(std::move(together), clock_.Now());
  return {result.status, result.apps, std::move(result.bad_apps), ""};
}

void ReadRunner::Tell(const ReadJob& job, const absl::Status& status) {
  MutexLock lock(log_mutex_);
  if (status.ok() || absl::IsNotFound(status)) {
    log_.Succeeded();
  } else if (!absl::IsCancelled(status)) {
    log_.Failed(status, {{"read", NameOf(job.what)}, {"app", job.app}, {"because", job.reason}});
  }
}

void ReadRunner::Count(const ReadJob& job, const Outcome& outcome, Duration took, Mono now) {
  if (absl::IsCancelled(outcome.status)) {
    return;
  }
  const bool ok = outcome.status.ok();
  const bool failed = !ok && !absl::IsNotFound(outcome.status);
  report_.last_error = failed ? Text(outcome.status) : "";
  ReadCounts& counts = CountsOf(report_, job.what);
  ++(ok ? counts.ok : failed ? counts.failed : counts.not_found);
  seconds_[job.what].Add(took);
  if (ok && job.what == ReadWanted::What::kSnapshot) {
    report_.bad_apps = outcome.bad_apps;
    last_snapshot_ = now;
  }
  if (ok && job.what == ReadWanted::What::kInfo) {
    marathon_version_ = outcome.marathon_version;
  }
}

ReadsReport ReadRunner::Report() const {
  const Mono now = clock_.Now();
  MutexLock lock(mutex_);
  ReadsReport report = report_;
  for (const auto& [what, histogram] : seconds_) {
    CountsOf(report, what).seconds = histogram.Read();
  }
  report.pending = scheduler_.pending();
  report.in_flight = scheduler_.in_flight();
  report.collapsed = scheduler_.collapsed();
  if (last_snapshot_) {
    report.last_snapshot_age = now - *last_snapshot_;
  }
  if (scheduler_.snapshot_due()) {
    report.next_snapshot_in = std::max(*scheduler_.snapshot_due() - now, Duration::zero());
  }
  return report;
}

std::string ReadRunner::MarathonVersion() const {
  MutexLock lock(mutex_);
  return marathon_version_;
}

}  // namespace dispatcher
