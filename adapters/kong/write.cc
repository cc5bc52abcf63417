#include "adapters/kong/write.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

int RankOf(const EntryId& id) {
  return id.kind == kUpstreamKind ? kUpstreamRank : id.kind == kTargetKind ? kTargetRank : kServiceRank;
}

constexpr int kEnoughUnanswered = 3;

// The token is refused: no use to go on.
bool EndsAll(const absl::Status& status) {
  return status.code() == absl::StatusCode::kPermissionDenied ||
         status.code() == absl::StatusCode::kUnauthenticated;
}

}  // namespace

KongWrite::KongWrite(const KongSite& site, const KongVersion& version, std::span<const Change> changes,
                     Mono deadline, const Cancel& cancel)
    : site_(site),
      api_(*site.api),
      version_(version),
      moves_(site.api->moves()),
      changes_(changes),
      deadline_(deadline),
      cancel_(cancel) {}

std::vector<absl::Status> KongWrite::Run() {
  // Upstream, targets, service; the other way round to delete. Whatever order the
  // changes come in, no request meets a service without targets.
  std::vector<size_t> order(changes_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    const auto key = [&](const Change& change) {
      const bool removal = change.op == Op::kDelete;
      return std::tuple(removal, removal ? -RankOf(change.id) : RankOf(change.id));
    };
    return key(changes_[a]) < key(changes_[b]);
  });
  std::vector<absl::Status> results(changes_.size());
  for (size_t i : order) {
    results[i] = Apply(changes_[i]);
    const absl::StatusCode code = results[i].code();
    const bool unanswered =
        code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kDeadlineExceeded;
    unanswered_ = unanswered ? unanswered_ + 1 : 0;
    // One 500 may be about one object; a server that is down is not asked for each.
    if (unanswered_ == kEnoughUnanswered || code == absl::StatusCode::kCancelled) {
      stop_ = results[i];
    }
  }
  return results;
}

absl::Status KongWrite::Apply(const Change& change) {
  if (!stop_.ok()) {
    return stop_;
  }
  if (cancel_.stop_requested()) {
    return absl::CancelledError("cancelled before it was written");
  }
  if (api_.moves() != moves_) {
    return absl::AbortedError("Kong has been exchanged for another version");
  }
  const bool put = change.op == Op::kPut;
  if (change.id.kind == kRouteKind) {
    return put ? absl::InvalidArgumentError("a lone route is never written") : DeleteRoute(change.id.id);
  }
  const std::optional<KongId> id = ParseId(site_.owner, change.id.id);
  if (!id) {
    return Error(absl::StatusCode::kFailedPrecondition, "\"", change.id.id, "\" is no entry of ", site_.owner,
                 ": it is left alone");
  }
  absl::Status status;
  if (change.id.kind == kTargetKind) {
    status = put ? PutTarget(*change.entry, *id) : DeleteTarget(*id);
  } else if (change.id.kind == kUpstreamKind) {
    status = put ? PutUpstream(*change.entry, id->body) : DeleteUpstream(id->body);
  } else if (version_.HasServices()) {
    status = put ? PutService(*change.entry, id->body) : DeleteService(id->body);
  } else {
    const std::string name = KongName(site_.owner, id->body);
    status = put ? PutApi(*change.entry, name) : DeleteApi(name);
  }
  if (status.code() == absl::StatusCode::kNotFound || status.code() == absl::StatusCode::kAlreadyExists) {
    // Somebody else was quicker; a second look decides.
    return absl::AbortedError(ToAbsl(Message(status)));
  }
  return status;
}

absl::Status KongWrite::Noted(const absl::Status& status) {
  if (EndsAll(status)) {
    stop_ = status;
  }
  return status;
}

absl::StatusOr<HttpResponse> KongWrite::Send(std::string_view method, const std::string& path,
                                             std::string body) {
  RETURN_IF_ERROR(stop_);
  if (MonoClock::now() >= deadline_) {
    stop_ = absl::DeadlineExceededError("the permit to write ended before it was written");
    return stop_;
  }
  ASSIGN_OR_RETURN(HttpResponse response, api_.Call(method, path, "", std::move(body), cancel_));
  RETURN_IF_ERROR(Noted(KongApi::StatusOf(response)));
  return response;
}

std::string KongWrite::NameFor(const Entry& entry, const std::string& body) const {
  const std::string_view name = FieldOf(entry, "name");
  return KongName(site_.owner, version_.HasTags() && !name.empty() ? name : body);
}

std::vector<std::string> KongWrite::TagsFor(const Entry& entry, const std::string& body) const {
  if (!version_.HasTags()) {
    return {};
  }
  KongMark mark;
  mark.owner = site_.owner;
  mark.body = body;
  mark.framework = entry.framework;
  mark.task = entry.task;
  mark.key = entry.service;
  return TagsOf(mark);
}

std::vector<std::string> KongWrite::Joined(std::vector<std::string> tags,
                                           const std::vector<std::string>& others) {
  tags.insert(tags.end(), others.begin(), others.end());
  return tags;
}

absl::StatusOr<std::string> KongWrite::PluginsOn(const std::string& path, const std::string& what) {
  std::string names;
  size_t count = 0;
  RETURN_IF_ERROR(Noted(api_.ForEach(path + "/plugins", "", cancel_, [&](JsonView plugin) {
    names.append(names.empty() ? "" : ", ").append(plugin["name"].StringOr("?"));
    ++count;
  })));
  return count == 0 ? std::string()
                    : (count == 1 ? "a plugin" : std::to_string(count) + " plugins") + " on " + what + " (" +
                          names + ")";
}

}  // namespace dispatcher
