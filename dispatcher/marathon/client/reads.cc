#include "dispatcher/marathon/client/reads.h"

#include <optional>
#include <utility>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/pod.h"
#include "dispatcher/marathon/codec/splitter.h"

namespace dispatcher {
namespace {

// apps.deployments comes with apps.tasks since 0.11; asked for all the same.
constexpr std::string_view kSnapshotTarget =
    "/v2/apps?embed=apps.tasks&embed=apps.deployments&embed=apps.readiness";
constexpr std::string_view kAppQuery = "?embed=app.tasks&embed=app.deployments&embed=app.readiness";

constexpr std::string_view kApps = "/v2/apps";
constexpr std::string_view kPods = "/v2/pods";
constexpr std::string_view kPodsTarget = "/v2/pods/::status";

// ("/v2/apps", "/shop/cart") -> "/v2/apps/shop/cart"
std::string PathOf(std::string_view collection, const AppId& app) {
  std::vector<std::string_view> segments;
  for (const std::string_view segment : Split(app, '/')) {
    if (!segment.empty()) {
      segments.push_back(segment);
    }
  }
  return HttpPath(collection, segments);
}

// Who answered two questions; nobody's name unless it was one.
std::string Together(const std::string& first, const std::string& second) {
  return first.empty() || first == second ? second : second.empty() ? first : first + " and " + second;
}

// Marathon's version, such as "1.10.26" or "0.15.3", to whether it has pods.
std::optional<bool> HasPods(std::string_view version) {
  const std::vector<std::string_view> parts = Split(version, '.');
  const std::optional<int64_t> major = ParseInt(parts[0]);
  const std::optional<int64_t> minor = parts.size() > 1 ? ParseInt(parts[1]) : std::nullopt;
  if (!major || !minor) {
    return std::nullopt;
  }
  return *major > 1 || (*major == 1 && *minor >= 4);
}

bool IsJson(const HttpHeaders& headers) {
  const std::string_view type = FindHeader(headers, "Content-Type");
  const std::string essence = Lower(Trim(type.substr(0, type.find(';'))));
  return essence == "application/json" || essence.ends_with("+json");
}

constexpr size_t kMaxBad = 1000;

void AddBad(AppId id, std::string why, ReadResult& result) {
  if (result.bad_apps.size() < kMaxBad) {
    result.bad_apps.push_back(std::move(id));
    result.bad_why.push_back(std::move(why));
  } else if (result.bad_apps.size() == kMaxBad) {
    result.bad_apps.emplace_back();
    result.bad_why.push_back("more than " + std::to_string(kMaxBad) + " can't be decoded");
  }
}

// One question to the nodes in turn.
class Question {
 public:
  Question(Nodes& nodes, const ReadsOptions& options, std::string_view target, const Cancel& cancel)
      : nodes_(nodes), options_(options), target_(target), cancel_(cancel) {}

  // OK: a 200 with JSON, all of whose pieces were taken. Once a piece has been
  // handed out nobody else is asked.
  absl::Status Ask(absl::FunctionRef<absl::Status(std::string_view)> on_piece) {
    absl::Status first;
    for (const Url& node : nodes_.ReadOrder()) {
      absl::Status status = AskNode(node, on_piece);
      if (status.code() == absl::StatusCode::kUnauthenticated && nodes_.Refused(node)) {
        status = AskNode(node, on_piece);
      }
      if (answered_ || cancel_.stop_requested()) {
        return status;
      }
      if (first.ok()) {
        first = status;
      }
    }
    return first;
  }

  // Instead of ReadsOptions::answer_timeout.
  void SetPatience(Duration patience) { patience_ = patience; }
  // Also a 404 that is not Marathon's, and a 405, is an answer: NotFound.
  void MayBeUnknown() { may_be_unknown_ = true; }

  std::string path() const { return target_.substr(0, target_.find('?')); }
  // Who answered with what was wanted; "" if nobody.
  const std::string& leader() const { return leader_; }

 private:
  absl::Status AskNode(const Url& node, absl::FunctionRef<absl::Status(std::string_view)> on_piece) {
    HttpRequest request;
    request.target = target_;
    ASSIGN_OR_RETURN(request.headers, nodes_.HeadersFor(node, cancel_));
    request.headers.emplace_back("Accept", "application/json");
    request.read_timeout = options_.read_timeout;
    request.answer_timeout = patience_.value_or(options_.answer_timeout);
    const absl::Status status = nodes_.ClientFor(node)->Stream(
        request, cancel_, [&](const HttpHead& head) { return OnHead(node, head); }, on_piece);
    return Annotate(status, "GET " + node.Origin() + path());
  }

  absl::Status OnHead(const Url& node, const HttpHead& head) {
    if (head.status == 401 || head.status == 403) {
      return nodes_.Refusal(node, head.status);
    }
    if (may_be_unknown_ && (head.status == 404 || head.status == 405)) {
      answered_ = true;
      leader_ = AnsweringLeader(head.headers, node);
      return Error(absl::StatusCode::kNotFound, "answered ", std::to_string(head.status));
    }
    if (head.status != 200 && head.status != 404) {
      return Error(absl::StatusCode::kUnavailable, "answered ", std::to_string(head.status));
    }
    // A 404 counts only if it is Marathon's: a proxy's page says nothing of the app.
    if (!IsJson(head.headers)) {
      return Error(absl::StatusCode::kUnavailable, "answered ", std::to_string(head.status),
                   " with content type '", FindHeader(head.headers, "Content-Type").substr(0, 100),
                   "', not JSON");
    }
    answered_ = true;
    leader_ = AnsweringLeader(head.headers, node);
    return head.status == 404 ? Error(absl::StatusCode::kNotFound, "answered 404") : absl::OkStatus();
  }

  Nodes& nodes_;
  const ReadsOptions& options_;
  const std::string target_;
  const Cancel& cancel_;
  std::optional<Duration> patience_;
  bool may_be_unknown_ = false;
  bool answered_ = false;
  std::string leader_;
};

// The whole answer as JSON.
absl::StatusOr<JsonDocument> AskForJson(Question& question, size_t max_body) {
  std::string text;
  RETURN_IF_ERROR(question.Ask([&](std::string_view piece) {
    if (text.size() + piece.size() > max_body) {
      return Error(absl::StatusCode::kResourceExhausted, "the answer is larger than ",
                   std::to_string(max_body), " bytes");
    }
    text.append(piece);
    return absl::OkStatus();
  }));
  return JsonDocument::Parse(text);
}

AppSeen Seen(AppElement element, const std::string& leader) {
  AppSeen seen;
  seen.mark.leader = leader;
  seen.definition = std::move(element.definition);
  seen.has_tasks = element.has_tasks;
  seen.tasks = std::move(element.tasks);
  seen.deployments = std::move(element.deployments);
  seen.ready_tasks = std::move(element.ready_tasks);
  return seen;
}

// Visits the elements of the array under `key` of the answer ("": the answer is the
// array) and counts them into `result`.
absl::Status AskForEach(Question& question, std::string_view key, const ReadsOptions& options,
                        absl::FunctionRef<absl::StatusOr<AppElement>(std::string_view)> decode,
                        absl::FunctionRef<void(AppSeen)> visit, ReadResult& result) {
  ArraySplitter splitter(key, options.max_element);
  size_t tasks = 0;
  const auto on_element = [&](const SplitElement& element) {
    if (++result.apps > options.max_apps || tasks > options.max_tasks) {
      return;
    }
    absl::StatusOr<AppElement> app = element.oversized
                                         ? Error(absl::StatusCode::kResourceExhausted, "it is larger than ",
                                                 std::to_string(options.max_element), " bytes")
                                         : decode(element.text);
    if (app.ok()) {
      tasks += app->tasks.size();
      visit(Seen(*std::move(app), question.leader()));
    } else {
      AddBad(SalvageId(element.text), std::string(Message(app.status())), result);
    }
  };
  question.SetPatience(options.snapshot_timeout);
  const auto on_piece = [&](std::string_view piece) {
    absl::Status status = splitter.Feed(piece, on_element);
    const auto refuse = [&](size_t limit, std::string_view what) {
      status = Error(absl::StatusCode::kResourceExhausted, "the answer has more than ", std::to_string(limit),
                     " ", what, ", so it is not believed; is it Marathon's?");
    };
    if (!status.ok()) {
      return status;
    }
    if (result.apps > options.max_apps) {
      refuse(static_cast<size_t>(options.max_apps), "apps");
    } else if (tasks > options.max_tasks) {
      refuse(options.max_tasks, "tasks");
    } else if (splitter.position() > options.max_snapshot) {
      refuse(options.max_snapshot, "bytes");
    }
    return status;
  };
  RETURN_IF_ERROR(question.Ask(on_piece));
  return Annotate(splitter.Finish(), "GET " + question.path());
}

// Visits the one app or pod that the answer holds.
ReadResult AskForOne(Question& question, size_t max_body, const AppId& id,
                     absl::FunctionRef<absl::StatusOr<AppElement>(JsonView)> decode,
                     absl::FunctionRef<void(AppSeen)> visit) {
  ReadResult result;
  const absl::StatusOr<JsonDocument> answer = AskForJson(question, max_body);
  result.leader = question.leader();
  result.status = answer.status();
  if (!answer.ok()) {
    return result;
  }
  result.apps = 1;
  absl::StatusOr<AppElement> element = decode(answer->root());
  if (element.ok()) {
    visit(Seen(*std::move(element), result.leader));
  } else {
    AddBad(id, std::string(Message(element.status())), result);
  }
  return result;
}

}  // namespace

MarathonReads::MarathonReads(std::shared_ptr<Nodes> nodes, ReadsOptions options)
    : nodes_(std::move(nodes)), options_(options) {}

ReadResult MarathonReads::Snapshot(const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit) {
  ReadResult result;
  Question question(*nodes_, options_, kSnapshotTarget, cancel);
  result.status = AskForEach(question, "apps", options_, DecodeAppText, visit, result);
  result.leader = question.leader();
  if (result.status.ok() && *pods_ != Pods::kNone) {
    AllPods(cancel, visit, result);
  }
  return result;
}

void MarathonReads::AllPods(const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit,
                            ReadResult& result) {
  const bool known = *pods_ == Pods::kSome;
  Question question(*nodes_, options_, kPodsTarget, cancel);
  if (!known) {
    question.MayBeUnknown();
  }
  result.status = AskForEach(question, "", options_, DecodePodText, visit, result);
  result.leader = Together(result.leader, question.leader());
  if (absl::IsNotFound(result.status)) {
    result.status =
        !known ? absl::OkStatus()
               : Error(absl::StatusCode::kUnavailable, Message(result.status),
                       " though this Marathon has pods; let whatever stands before it pass ", kPods, " on");
  }
}

ReadResult MarathonReads::App(const AppId& app, Kind kind, const Cancel& cancel,
                              absl::FunctionRef<void(AppSeen)> visit) {
  if (*pods_ == Pods::kNone) {
    return OneApp(app, cancel, visit);
  }
  const bool pod_first = kind == Kind::kPodFirst;
  const ReadResult first = pod_first ? OnePod(app, cancel, visit) : OneApp(app, cancel, visit);
  if (!absl::IsNotFound(first.status)) {
    return first;
  }
  ReadResult second = pod_first ? OneApp(app, cancel, visit) : OnePod(app, cancel, visit);
  if (absl::IsNotFound(second.status)) {
    second.leader = Together(first.leader, second.leader);
  }
  return second;
}

ReadResult MarathonReads::OneApp(const AppId& app, const Cancel& cancel,
                                 absl::FunctionRef<void(AppSeen)> visit) {
  Question question(*nodes_, options_, PathOf(kApps, app) + std::string(kAppQuery), cancel);
  return AskForOne(
      question, options_.max_body, app, [](JsonView root) { return DecodeApp(root["app"]); }, visit);
}

ReadResult MarathonReads::OnePod(const AppId& pod, const Cancel& cancel,
                                 absl::FunctionRef<void(AppSeen)> visit) {
  Question question(*nodes_, options_, PathOf(kPods, pod) + "::status", cancel);
  if (*pods_ == Pods::kUnknown) {
    question.MayBeUnknown();
  }
  return AskForOne(question, options_.max_body, pod, DecodePod, visit);
}

absl::StatusOr<std::shared_ptr<const Definition>> MarathonReads::Version(const AppId& app, Kind kind,
                                                                         const std::string& version,
                                                                         const Cancel& cancel) {
  const auto of_app = [&]() -> absl::StatusOr<std::shared_ptr<const Definition>> {
    Question question(*nodes_, options_, PathOf(kApps, app) + HttpPath("/versions", {version}), cancel);
    ASSIGN_OR_RETURN(const JsonDocument answer, AskForJson(question, options_.max_body));
    ASSIGN_OR_RETURN(AppElement element, DecodeApp(answer.root()));
    return std::move(element.definition);
  };
  const auto of_pod = [&]() -> absl::StatusOr<std::shared_ptr<const Definition>> {
    Question question(*nodes_, options_, PathOf(kPods, app) + HttpPath("::versions", {version}), cancel);
    if (*pods_ == Pods::kUnknown) {
      question.MayBeUnknown();
    }
    ASSIGN_OR_RETURN(const JsonDocument answer, AskForJson(question, options_.max_body));
    return DecodePodSpec(answer.root());
  };
  if (*pods_ == Pods::kNone) {
    return of_app();
  }
  const bool pod_first = kind == Kind::kPodFirst;
  auto first = pod_first ? of_pod() : of_app();
  return !absl::IsNotFound(first.status()) ? first : pod_first ? of_app() : of_pod();
}

absl::StatusOr<MarathonInfo> MarathonReads::Info(const Cancel& cancel) {
  Question question(*nodes_, options_, "/v2/info", cancel);
  ASSIGN_OR_RETURN(const JsonDocument answer, AskForJson(question, options_.max_body));
  MarathonInfo info;
  info.version = answer.root()["version"].StringOr("");
  if (const std::optional<bool> pods = HasPods(info.version)) {
    *pods_ = *pods ? Pods::kSome : Pods::kNone;
  }
  info.framework_id = answer.root()["frameworkId"].StringOr("");
  info.leader = answer.root()["leader"].StringOr(question.leader());
  return info;
}

absl::StatusOr<std::string> MarathonReads::Leader(const Cancel& cancel) {
  Question question(*nodes_, options_, "/v2/leader", cancel);
  ASSIGN_OR_RETURN(const JsonDocument answer, AskForJson(question, options_.max_body));
  return answer.root()["leader"].StringOr("");
}

}  // namespace dispatcher
