#include "tests/marathon_sim/options.h"

#include <cstdlib>
#include <functional>
#include <map>

#include "dispatcher/base/strings.h"

namespace dispatcher::sim {
namespace {

absl::Status Bad(const std::string& name, std::string_view takes) {
  return Error(absl::StatusCode::kInvalidArgument, name, " takes ", takes);
}

using Setter = std::function<absl::Status(const std::string& name, const std::string& value)>;

Setter Text(std::string& field) {
  return [&field](const std::string&, const std::string& value) {
    field = value;
    return absl::OkStatus();
  };
}

Setter Number(int& field) {
  return [&field](const std::string& name, const std::string& value) {
    const auto number = ParseInt(value);
    if (!number || *number < 0 || *number > 1'000'000'000) {
      return Bad(name, "a whole number");
    }
    field = static_cast<int>(*number);
    return absl::OkStatus();
  };
}

std::vector<std::string> List(const std::string& value) {
  std::vector<std::string> list;
  for (std::string_view part : Split(value, ',')) {
    list.emplace_back(Trim(part));
  }
  return list;
}

}  // namespace

absl::StatusOr<Options> Options::Parse(const std::vector<std::string>& arguments) {
  Options o;
  const std::map<std::string, Setter> setters = {
      {"--listen", Text(o.listen)},
      {"--standby-listen", Text(o.standby_listen)},
      {"--profile", Text(o.profile)},
      {"--user", Text(o.user)},
      {"--token", Text(o.token)},
      {"--task-program", Text(o.task_program)},
      {"--launch-ms", Number(o.launch_ms)},
      {"--heartbeat-ms", Number(o.heartbeat_ms)},
      {"--health-interval-cap-ms", Number(o.health_interval_cap_ms)},
      {"--kill-grace-ms", Number(o.kill_grace_ms)},
      {"--unreachable-expunge-ms", Number(o.unreachable_expunge_ms)},
      {"--store-lag-ms", Number(o.store_lag_ms)},
      {"--stream-buffer", Number(o.stream_buffer)},
      {"--address-lag-ms", Number(o.address_lag_ms)},
      {"--own-networks",
       [&](const std::string&, const std::string& value) {
         o.own_networks = List(value);
         return absl::OkStatus();
       }},
      {"--hosts",
       [&](const std::string&, const std::string& value) {
         o.hosts = List(value);
         return absl::OkStatus();
       }},
      {"--features",
       [&](const std::string& name, const std::string& value) {
         for (const std::string& feature : List(value)) {
           if (feature != "task_killing" && !feature.empty()) {
             return Bad(name, "task_killing");
           }
           o.task_killing = feature == "task_killing";
         }
         return absl::OkStatus();
       }},
      {"--tasks",
       [&](const std::string& name, const std::string& value) {
         o.real_tasks = value == "real";
         return value == "real" || value == "virtual" ? absl::OkStatus() : Bad(name, "real or virtual");
       }},
      {"--speed",
       [&](const std::string& name, const std::string& value) {
         o.speed = std::strtod(value.c_str(), nullptr);
         return o.speed > 0 ? absl::OkStatus() : Bad(name, "a factor above 0");
       }},
      {"--seed",
       [&](const std::string& name, const std::string& value) {
         o.seed = static_cast<uint64_t>(ParseInt(value).value_or(0));
         return o.seed != 0 ? absl::OkStatus() : Bad(name, "a whole number above 0");
       }},
      {"--ports",
       [&](const std::string& name, const std::string& value) {
         const auto parts = Split(value, '-');
         const auto first = ParseInt(parts.front()), last = ParseInt(parts.back());
         if (parts.size() != 2 || !first || !last || *first < 1 || *last < *first || *last > 65'535) {
           return Bad(name, "FIRST-LAST");
         }
         o.port_first = static_cast<int>(*first);
         o.port_last = static_cast<int>(*last);
         return absl::OkStatus();
       }},
  };
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--lowest-port") {
      o.lowest_port = true;
      continue;
    }
    const size_t equals = arguments[i].find('=');
    const std::string name = arguments[i].substr(0, equals);
    const auto setter = setters.find(name);
    if (setter == setters.end()) {
      return Error(absl::StatusCode::kInvalidArgument, "unknown argument ", name, ", see --help");
    }
    if (equals == std::string::npos && i + 1 == arguments.size()) {
      return Bad(name, "a value");
    }
    RETURN_IF_ERROR(
        setter->second(name, equals == std::string::npos ? arguments[++i] : arguments[i].substr(equals + 1)));
  }
  return o;
}

std::string Options::Help() {
  return R"(A stand-in for Marathon, with tasks that are real processes.

usage: marathon_sim [OPTIONS]

  --listen HOST:PORT            where it answers, default 127.0.0.1:8080; port 0: any free one
  --standby-listen HOST:PORT    a second one that knows the leader, default none
  --profile VERSION             the Marathon it behaves as, 1.1 to 1.10, default 1.8
  --hosts [NAME=]ADDRESS,...    its agents, default 127.0.1.1,127.0.1.2
  --tasks KIND                  real (default) or virtual
  --features LIST               task_killing, default none
  --user NAME:PASSWORD          Basic authentication, default none
  --token TEXT                  Authorization: token=TEXT, default none
  --ports FIRST-LAST            ports of the tasks, default 31000-32000
  --lowest-port                 the lowest free one, not one by chance
  --own-networks PREFIX,...     of the addresses of tasks that have their own, one of each, default
                                127.2 (which is 127.2.0.0/16); of IPv6 as fd00:1::
  --speed FACTOR                of its clock, default 1
  --seed NUMBER                 of all that is left to chance
  --launch-ms, --heartbeat-ms, --health-interval-cap-ms, --kill-grace-ms,
  --unreachable-expunge-ms, --store-lag-ms, --address-lag-ms NUMBER
                                times in milliseconds
  --stream-buffer EVENTS        of one listener
  --task-program PROGRAM        runs `PROGRAM task ...`, default itself

Prints {"listening":"HOST:PORT"} when it answers; SIGTERM and SIGINT end it and its tasks.
)";
}

absl::StatusOr<std::pair<std::string, int>> ParseAddress(const std::string& text) {
  const size_t colon = text.rfind(':');
  const auto port =
      colon == std::string::npos ? std::nullopt : ParseInt(std::string_view(text).substr(colon + 1));
  if (!port || colon == 0 || *port < 0 || *port > 65'535) {
    return Error(absl::StatusCode::kInvalidArgument, "\"", text, "\" is not HOST:PORT");
  }
  return std::pair(text.substr(0, colon), static_cast<int>(*port));
}

}  // namespace dispatcher::sim
