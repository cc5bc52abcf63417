#include "tests/marathon_sim/rest_pods.h"

#include <algorithm>
#include <optional>
#include <string>

namespace dispatcher::sim {
namespace {

RestAnswer FoundPod(std::optional<std::string> body, std::string_view id) {
  return FoundOr404(std::move(body), "Pod '" + std::string(id) + "' does not exist");
}

// What follows "::": "status", "versions/V", "instances/I".
RestAnswer Aspect(world::World& world, const RestCall& call, const std::string& id, std::string_view aspect) {
  const std::string_view word = aspect.substr(0, aspect.find('/'));
  const std::string_view rest = aspect.substr(std::min(aspect.size(), word.size() + 1));
  RestAnswer answer{.status = 405, .content_type = "text/html", .body = "Method Not Allowed"};
  if (word == "status" && call.method == "GET") {
    answer = id == "/" ? RestAnswer{.body = world.PodsStatusJson()} : FoundPod(world.PodStatusJson(id), id);
  } else if (word == "versions" && call.method == "GET") {
    answer = FoundPod(rest.empty() ? world.PodVersionsJson(id) : world.PodJson(id, rest), id);
  } else if (word == "instances" && call.method == "DELETE") {
    answer = AnswerOf(world.KillPodInstance(id, rest));
  }
  answer.pattern = std::string("/v2/pods/").append(id == "/" ? "" : "{id}").append("::").append(word);
  return answer;
}

}  // namespace

RestAnswer Pods(world::World& world, const RestCall& call, std::string_view below) {
  const bool force = std::any_of(call.query.begin(), call.query.end(), [](const auto& parameter) {
    return parameter.first == "force" && parameter.second == "true";
  });
  const size_t mark = below.find("::");
  const std::string id = world::AbsoluteId(below.substr(0, mark));
  if (mark != std::string_view::npos) {
    return Aspect(world, call, id, below.substr(mark + 2));
  }
  RestAnswer answer{.status = 405, .content_type = "text/html", .body = "Method Not Allowed"};
  if (call.method == "POST" && id == "/") {
    answer = AnswerOf(world.PostPod(call.body, force));
  } else if (call.method == "PUT") {
    answer = AnswerOf(world.PutPod(id, call.body, force));
  } else if (call.method == "DELETE") {
    answer = AnswerOf(world.DeletePod(id, force));
  } else if (call.method == "GET" && id != "/") {
    answer = FoundPod(world.PodJson(id), id);
  }
  answer.pattern = id == "/" ? "/v2/pods" : "/v2/pods/{id}";
  return answer;
}

}  // namespace dispatcher::sim
