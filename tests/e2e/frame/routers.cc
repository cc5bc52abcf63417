#include "tests/e2e/frame/routers.h"

#include <algorithm>
#include <csignal>
#include <stdexcept>

#include "dispatcher/base/strings.h"
#include "tests/support/wait.h"

namespace dispatcher::testing {
namespace {

// A program of ours that says in one line of JSON where it listens.
struct Started {
  std::unique_ptr<Process> process;
  JsonDocument addresses;
};
Started StartModel(const std::string& program, const std::vector<std::string>& arguments) {
  std::vector<std::string> command = {std::string(BINARY_DIR) + "/" + program};
  command.insert(command.end(), arguments.begin(), arguments.end());
  std::unique_ptr<Process> process = Process::Start(command).value();
  if (const absl::Status ready = process->WaitForOutput("}\n"); !ready.ok()) {
    throw std::runtime_error(program + ": " + Text(ready));
  }
  const std::string output = process->Output();
  return {std::move(process), ParseJson(output.substr(output.find('{')))};
}

void Add(Endpoints& found, const std::string& host, std::string_view address) {
  const size_t colon = address.rfind(':');
  found[{host, std::string(address.substr(0, colon)),
         static_cast<int>(ParseInt(address.substr(colon + 1)).value_or(0))}] = "";
}

// "Host(`a.b`)" and what may follow it -> "a.b".
std::string HostOf(std::string_view route) {
  constexpr std::string_view begin = "Host(";
  const size_t at = route.find(begin);
  if (at == std::string_view::npos) {
    return std::string(route);
  }
  const std::string_view rest = route.substr(at + begin.size() + 1);
  return std::string(rest.substr(0, rest.find(route[at + begin.size()])));
}

}  // namespace

Routers::Routers(const RoutersOptions& options) {
  if (options.real_vulcand) {
    auto real = VulcandServer::Start(3);
    if (real.ok()) {
      real_vulcand_ = *std::move(real);
      vulcand_is_ = "Vulcand 0.9.2";
      vulcand_proxy_ = real_vulcand_->proxy_url();
      vulcand_ = std::make_unique<Http>(real_vulcand_->url());
    }
  }
  if (vulcand_ == nullptr) {
    Started model = StartModel("vulcand_model", {});
    vulcand_is_ = "the model of Vulcand 0.9.2";
    vulcand_proxy_ = model.addresses.root()["proxy"].StringOr("");
    vulcand_ = std::make_unique<Http>(model.addresses.root()["api"].StringOr(""));
    vulcand_model_ = std::move(model.process);
  }
  const auto start_kong = [](const std::string& version, std::string& proxy, std::unique_ptr<Process>& as) {
    Started model = StartModel("kong_model", {"--version", version});
    proxy = model.addresses.root()["proxy"].StringOr("");
    as = std::move(model.process);
    return std::make_unique<Http>(model.addresses.root()["admin"].StringOr(""));
  };
  kong_ = start_kong(options.kong_version, kong_proxy_, kong_model_);
  gateway_ = start_kong(options.gateway_version, gateway_proxy_, gateway_model_);
}

std::vector<std::string> Routers::Settings() const {
  return {"adapters.vulcand.url=" + vulcand_->url(),
          "adapters.vulcand.listeners=true",
          "adapters.vulcand.listener_address=127.0.0.1",
          "adapters.vulcand.expose=all",
          "adapters.kong.url=" + kong_->url(),
          "adapters.kong.expose=all",
          "adapters.gateway.type=kong",
          "adapters.gateway.url=" + gateway_->url(),
          "adapters.gateway.mode=router",
          "adapters.gateway.router_url=http://127.0.0.1",
          "adapters.gateway.expose=all"};
}

std::vector<std::string> Routers::ShowcaseSettings() const {
  return {"adapters.consul.router_address=127.0.0.1", "adapters.vulcand.url=" + vulcand_->url(),
          "adapters.vulcand.listener_address=127.0.0.1", "adapters.kong.url=" + gateway_->url(),
          "adapters.kong.router_url=http://127.0.0.1"};
}

Endpoints Routers::InVulcand() {
  Endpoints found;
  const JsonDocument frontends = vulcand_->GetJson("/v2/frontends");
  frontends.root()["Frontends"].ForEach([&](JsonView frontend) {
    const std::string backend = frontend["BackendId"].StringOr("");
    const HttpResponse servers = vulcand_->Call("GET", HttpPath("/v2/backends", {backend}) + "/servers");
    if (servers.status != 200) {
      return;  // it went between the two questions
    }
    ParseJson(servers.body).root()["Servers"].ForEach([&](JsonView server) {
      Url url = Url::Parse(server["URL"].StringOr("")).value();
      found[{HostOf(frontend["Route"].StringOr("")), url.host, url.port}] = "";
    });
  });
  return found;
}

Endpoints Routers::BehindKong(Http& kong) {
  Endpoints found;
  const JsonDocument routes = kong.GetJson("/routes?size=1000");
  routes.root()["data"].ForEach([&](JsonView route) {
    const HttpResponse answer =
        kong.Call("GET", HttpPath("/services", {route["service"]["id"].StringOr("")}));
    if (answer.status != 200) {
      return;  // it went between the two questions
    }
    const JsonDocument service = ParseJson(answer.body);
    const std::string to = service.root()["host"].StringOr("");
    const HttpResponse targets = kong.Call("GET", HttpPath("/upstreams", {to}) + "/targets?size=1000");
    route["hosts"].ForEach([&](JsonView host) {
      if (targets.status != 200) {
        found[{host.StringOr(""), to, static_cast<int>(service.root()["port"].IntOr(0))}] = "";
        return;
      }
      ParseJson(targets.body).root()["data"].ForEach([&](JsonView target) {
        if (target["weight"].IntOr(0) > 0) {
          Add(found, host.StringOr(""), target["target"].StringOr(""));
        }
      });
    });
  });
  return found;
}

void Routers::WipeVulcand() {
  if (real_vulcand_ == nullptr) {
    vulcand_->Must("POST", "/sim/lose-data");
  } else if (const absl::Status wiped = real_vulcand_->Wipe(); !wiped.ok()) {
    throw std::runtime_error("wiping Vulcand: " + Text(wiped));
  }
}

void Routers::RestartVulcand() {
  if (real_vulcand_ == nullptr) {
    vulcand_->Must("POST", "/sim/restart");
  } else if (const absl::Status restarted = real_vulcand_->Restart(); !restarted.ok()) {
    throw std::runtime_error("restarting Vulcand: " + Text(restarted));
  }
}

void Routers::WipeKongs() {
  for (Http* kong : {kong_.get(), gateway_.get()}) {
    Faults(*kong, R"({"lose_data":true})");
  }
}

void Routers::RestartKongs() {
  kong_model_->Signal(SIGHUP);
  gateway_model_->Signal(SIGHUP);
  const std::string again = "{\"restarts\":" + std::to_string(++kong_restarts_) + "}";
  for (const auto& model : {kong_model_.get(), gateway_model_.get()}) {
    if (const absl::Status restarted = model->WaitForOutput(again); !restarted.ok()) {
      throw std::runtime_error("restarting Kong: " + Text(restarted));
    }
  }
}

std::string WhoAnswers(const std::string& base, const std::string& host, const std::string& path) {
  HttpClientOptions options;
  options.base = Url::Parse(base).value();
  options.headers = {{"Host", host}};
  HttpRequest request;
  request.target = path;
  const auto answer = HttpClient(std::move(options)).Call(request, Cancel());
  if (!answer.ok()) {
    return "nobody";
  }
  return answer->status == 200 ? ParseJson(answer->body).root()["task"].StringOr("somebody else")
                               : std::to_string(answer->status);
}

std::string NotAlternating(const std::string& base, const std::string& host,
                           const std::vector<std::string>& tasks, std::chrono::milliseconds limit) {
  constexpr int rounds = 3;
  std::map<std::string, int> wanted, seen;
  for (const std::string& task : tasks) {
    wanted[task] = rounds;
  }
  const bool alternate = WaitFor(
      [&] {
        seen.clear();
        for (size_t i = 0; i < rounds * tasks.size(); ++i) {
          ++seen[WhoAnswers(base, host)];
        }
        return seen == wanted;
      },
      limit);
  std::string text;
  for (const auto& [who, times] : alternate ? std::map<std::string, int>() : seen) {
    text += who + " answered " + std::to_string(times) + " times\n";
  }
  return text;
}

}  // namespace dispatcher::testing
