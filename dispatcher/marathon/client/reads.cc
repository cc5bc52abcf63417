#include "dispatcher/marathon/client/reads.h"

#include <utility>

#include "dispatcher/base/json.h"
#include "dispatcher/base/strings.h"
#include "dispatcher/marathon/codec/app.h"
#include "dispatcher/marathon/codec/splitter.h"

namespace dispatcher {
namespace {

// apps.deployments comes with apps.tasks since 0.11; asked for all the same.
constexpr std::string_view kSnapshotTarget =
    "/v2/apps?embed=apps.tasks&embed=apps.deployments&embed=apps.readiness";
constexpr std::string_view kAppQuery = "?embed=app.tasks&embed=app.deployments&embed=app.readiness";

// "/shop/cart" -> "/v2/apps/shop/cart"
std::string AppPath(const AppId& app) {
  std::vector<std::string_view> segments;
  for (const std::string_view segment : Split(app, '/')) {
    if (!segment.empty()) {
      segments.push_back(segment);
    }
  }
  return HttpPath("/v2/apps", segments);
}

bool IsJson(const HttpHeaders& headers) {
  const std::string_view type = FindHeader(headers, "Content-Type");
  const std::string essence = Lower(Trim(type.substr(0, type.find(';'))));
  return essence == "application/json" || essence.ends_with("+json");
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

  // Who answered with what was wanted; "" if nobody.
  const std::string& leader() const { return leader_; }

 private:
  absl::Status AskNode(const Url& node, absl::FunctionRef<absl::Status(std::string_view)> on_piece) {
    HttpRequest request;
    request.target = target_;
    ASSIGN_OR_RETURN(request.headers, nodes_.HeadersFor(node));
    request.headers.emplace_back("Accept", "application/json");
    request.read_timeout = options_.read_timeout;
    const absl::Status status = nodes_.ClientFor(node)->Stream(
        request, cancel_, [&](const HttpHead& head) { return OnHead(node, head); }, on_piece);
    return Annotate(status, "GET " + node.Origin() + target_.substr(0, target_.find('?')));
  }

  absl::Status OnHead(const Url& node, const HttpHead& head) {
    if (head.status == 401 || head.status == 403) {
      return nodes_.Refusal(node, head.status);
    }
    if (head.status != 200 && head.status != 404) {
      return Error(absl::StatusCode::kUnavailable, "answered ", std::to_string(head.status));
    }
    // A 404 counts only if it is Marathon's: a proxy's page says nothing of the app.
    if (!IsJson(head.headers)) {
      return Error(absl::StatusCode::kUnavailable, "answered ", std::to_string(head.status),
                   " with content type '", FindHeader(head.headers, "Content-Type"), "', not JSON");
    }
    answered_ = true;
    leader_ = AnsweringLeader(head.headers, node);
    return head.status == 404 ? Error(absl::StatusCode::kNotFound, "answered 404") : absl::OkStatus();
  }

  Nodes& nodes_;
  const ReadsOptions& options_;
  const std::string target_;
  const Cancel& cancel_;
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

}  // namespace

MarathonReads::MarathonReads(std::shared_ptr<Nodes> nodes, ReadsOptions options)
    : nodes_(std::move(nodes)), options_(options) {}

ReadResult MarathonReads::Snapshot(const Cancel& cancel, absl::FunctionRef<void(AppSeen)> visit) {
  ReadResult result;
  Question question(*nodes_, options_, kSnapshotTarget, cancel);
  ArraySplitter splitter("apps", options_.max_element);
  const auto on_element = [&](const SplitElement& element) {
    ++result.apps;
    if (!element.oversized) {
      absl::StatusOr<AppElement> app = DecodeAppText(element.text);
      if (app.ok()) {
        visit(Seen(*std::move(app), question.leader()));
        return;
      }
    }
    result.bad_apps.push_back(SalvageId(element.text));
  };
  result.status = question.Ask([&](std::string_view piece) { return splitter.Feed(piece, on_element); });
  if (result.status.ok()) {
    result.status = Annotate(splitter.Finish(), "GET /v2/apps");
  }
  result.leader = question.leader();
  return result;
}

ReadResult MarathonReads::App(const AppId& app, const Cancel& cancel,
                              absl::FunctionRef<void(AppSeen)> visit) {
  ReadResult result;
  Question question(*nodes_, options_, AppPath(app) + std::string(kAppQuery), cancel);
  const absl::StatusOr<JsonDocument> answer = AskForJson(question, options_.max_body);
  result.leader = question.leader();
  if (!answer.ok()) {
    result.status = answer.status();
    return result;
  }
  result.apps = 1;
  absl::StatusOr<AppElement> element = DecodeApp(answer->root()["app"]);
  if (element.ok()) {
    visit(Seen(*std::move(element), result.leader));
  } else {
    result.bad_apps.push_back(app);
  }
  return result;
}

absl::StatusOr<std::shared_ptr<const Definition>> MarathonReads::Version(const AppId& app,
                                                                         const std::string& version,
                                                                         const Cancel& cancel) {
  Question question(*nodes_, options_, AppPath(app) + HttpPath("/versions", {version}), cancel);
  ASSIGN_OR_RETURN(const JsonDocument answer, AskForJson(question, options_.max_body));
  ASSIGN_OR_RETURN(AppElement element, DecodeApp(answer.root()));
  return std::move(element.definition);
}

absl::StatusOr<MarathonInfo> MarathonReads::Info(const Cancel& cancel) {
  Question question(*nodes_, options_, "/v2/info", cancel);
  ASSIGN_OR_RETURN(const JsonDocument answer, AskForJson(question, options_.max_body));
  MarathonInfo info;
  info.version = answer.root()["version"].StringOr("");
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
