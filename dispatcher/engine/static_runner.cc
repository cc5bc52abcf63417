#include "dispatcher/engine/static_runner.h"

#include <algorithm>

namespace dispatcher {
namespace {

// As many as may hang on a dead target while the others are still asked.
constexpr size_t kThreads = 4;
constexpr Duration kPatience = std::chrono::seconds(3);

absl::Status WellIf(const absl::StatusOr<HttpResponse>& response) {
  if (!response.ok()) {
    return response.status();
  }
  return response->status >= 200 && response->status < 400
             ? absl::OkStatus()
             : Error(absl::StatusCode::kUnavailable, "answered ", std::to_string(response->status));
}

}  // namespace

StaticRunner::StaticRunner(std::vector<StaticSpec> specs, std::shared_ptr<Nodes> marathon, const Clock& clock,
                           Offer offer)
    : specs_(std::move(specs)), reads_(std::move(marathon)), clock_(clock), offer_(std::move(offer)) {
  for (const StaticSpec& spec : specs_) {
    services_.emplace_back(spec);
  }
}

StaticRunner::~StaticRunner() { Stop(); }

void StaticRunner::Start() {
  for (const std::shared_ptr<const Service>& service : Services()) {
    offer_({service->key, service});
  }
  const auto asks = [](const StaticSpec& spec) {
    return spec.kind != StaticKind::kTargets || !spec.health_path.empty();
  };
  if (std::any_of(specs_.begin(), specs_.end(), asks)) {
    for (size_t i = 0; i < kThreads; ++i) {
      threads_.emplace_back([this] { Run(); });
    }
  }
}

void StaticRunner::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    wake_.NotifyAll();
  }
  cancel_.request_stop();
  for (std::thread& thread : threads_) {
    thread.join();
  }
  threads_.clear();
}

std::vector<std::shared_ptr<const Service>> StaticRunner::Services() const {
  MutexLock lock(mutex_);
  std::vector<std::shared_ptr<const Service>> services;
  for (const StaticService& service : services_) {
    services.push_back(service.Build());
  }
  return services;
}

size_t StaticRunner::Unanswered() const {
  const Mono now = clock_.Now();
  MutexLock lock(mutex_);
  size_t count = jobs_.size() + asking_;
  for (const StaticService& service : services_) {
    const std::optional<Mono> next = service.NextDeadline();
    count += next.has_value() && *next <= now;
  }
  return count;
}

void StaticRunner::Run() {
  mutex_.lock();
  while (!stopping_) {
    if (const std::optional<Job> job = Next(clock_.Now())) {
      ++asking_;
      mutex_.unlock();
      Answer(*job);
      mutex_.lock();
      --asking_;
      wake_.NotifyOne();  // its next time may be earlier than what others sleep for
      continue;
    }
    std::optional<Mono> due;
    for (const StaticService& service : services_) {
      if (const auto next = service.NextDeadline()) {
        due = due ? std::min(*due, *next) : next;
      }
    }
    if (due) {
      wake_.WaitUntil(mutex_, *due);
    } else {
      wake_.Wait(mutex_);
    }
  }
  mutex_.unlock();
}

std::optional<StaticRunner::Job> StaticRunner::Next(Mono now) {
  for (size_t i = 0; i < services_.size(); ++i) {
    for (StaticQuestion& question : services_[i].Due(now)) {
      jobs_.push_back({i, std::move(question)});
    }
  }
  if (jobs_.empty()) {
    return std::nullopt;
  }
  Job job = std::move(jobs_.front());
  jobs_.erase(jobs_.begin());
  if (!jobs_.empty()) {
    wake_.NotifyOne();
  }
  return job;
}

void StaticRunner::Answer(const Job& job) {
  const StaticSpec& spec = specs_[job.service];
  const StaticQuestion& question = job.question;
  absl::StatusOr<std::string> leader = std::string();
  absl::Status well;
  if (question.leader) {
    leader = Leader(spec);
  } else {
    well = WellIf(Get(question.target, spec.health_path));
  }
  if (cancel_.stop_requested()) {
    return;
  }
  MutexLock in_order(offer_mutex_);
  std::shared_ptr<const Service> before, after;
  {
    MutexLock lock(mutex_);
    StaticService& service = services_[job.service];
    before = service.Build();
    if (question.leader) {
      service.LeaderIs(leader, clock_.Now());
    } else {
      service.Probed(question.target, well, clock_.Now());
    }
    after = service.Build();
  }
  if (after != before) {
    offer_({after->key, after});
  }
}

absl::StatusOr<std::string> StaticRunner::Leader(const StaticSpec& spec) {
  return spec.kind == StaticKind::kMarathonLeader ? reads_.Leader(cancel_.get_token())
                                                  : MesosLeader(spec.targets);
}

absl::StatusOr<std::string> StaticRunner::MesosLeader(const std::vector<std::string>& masters) {
  absl::StatusOr<std::string> leader = absl::UnavailableError("no master was asked");
  for (const std::string& master : masters) {
    const absl::StatusOr<HttpResponse> response = Get(master, "/master/redirect");
    if (!response.ok()) {
      leader = response.status();
      continue;
    }
    leader = LeaderOfRedirect(FindHeader(response->headers, "Location"));
    if (leader.ok()) {
      break;
    }
  }
  return leader;
}

absl::StatusOr<HttpResponse> StaticRunner::Get(const std::string& target, const std::string& path) {
  std::shared_ptr<HttpClient> client;
  {
    MutexLock lock(mutex_);
    std::shared_ptr<HttpClient>& kept = clients_[target];
    if (kept == nullptr) {
      HttpClientOptions options;
      ASSIGN_OR_RETURN(options.base, Url::Parse("http://" + target));
      options.read_timeout = kPatience;
      options.max_body = 1u << 20;
      options.max_idle_connections = 1;
      kept = std::make_shared<HttpClient>(std::move(options));
    }
    client = kept;
  }
  HttpRequest request;
  request.target = path;
  return client->Call(request, cancel_.get_token());
}

}  // namespace dispatcher
