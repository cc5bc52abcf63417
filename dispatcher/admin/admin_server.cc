#include "dispatcher/admin/admin_server.h"

#include <utility>

#include "dispatcher/admin/app_list.h"
#include "dispatcher/admin/app_view.h"
#include "dispatcher/admin/assets.h"
#include "dispatcher/admin/log_control.h"
#include "dispatcher/admin/metrics.h"
#include "dispatcher/admin/page.h"
#include "dispatcher/admin/reply.h"
#include "dispatcher/admin/suggest.h"
#include "dispatcher/admin/token.h"
#include "dispatcher/admin/version.h"
#include "dispatcher/admin/views.h"
#include "dispatcher/base/json.h"
#include "dispatcher/base/log.h"
#include "dispatcher/config/values.h"

namespace dispatcher {
namespace {

// For every answer: nothing here may be framed, sniffed, cached or loaded by others.
HttpReply Secured(HttpReply reply, const char* policy =
                                       "default-src 'none'; base-uri 'none'; form-action 'none'; "
                                       "frame-ancestors 'none'") {
  reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
  reply.headers.emplace_back("X-Frame-Options", "DENY");
  reply.headers.emplace_back("Content-Security-Policy", policy);
  reply.headers.emplace_back("Referrer-Policy", "no-referrer");
  reply.headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
  reply.headers.emplace_back("Cache-Control", "no-store");
  return reply;
}

// No question needs a longer body; whether it lives is answered whatever else is asked.
HttpServerOptions OptionsOf(const HttpSettings& settings) {
  HttpServerOptions options;
  options.max_body = 4096;
  options.first = {"/healthz", "/readyz", "/metrics"};
  options.tls = {settings.tls_cert_file, settings.tls_key_file, settings.tls_client_ca_file};
  return options;
}

HttpReply Healthy(const HttpCall&) {
  JsonWriter json;
  json.BeginObject().Field("status", "ok").Field("version", Version()).EndObject();
  return Reply(200, json.Take());
}

HttpReply Rest(const HttpCall& call) {
  const bool read = call.method == "GET" || call.method == "HEAD";
  return read ? Reply(404, ErrorJson("no such page: see / for all of them"))
              : Reply(405, ErrorJson("only GET is allowed here, POST on /v1/release and PUT on /v1/log"));
}

// `id` is an app's; what follows its "/" may be a static service's key.
HttpReply App(const Source& source, const AppId& id) {
  std::optional<AppView> view = ViewApp(source, id);
  if (!view) {
    view = ViewApp(source, id.substr(1));
  }
  return view ? Reply(200, AppJson(*view)) : Reply(404, ErrorJson(NoSuchApp(id, source.Apps())));
}

// ?adapter=NAME and ?app=ID narrow it.
HttpReply Release(Source& source, const HttpCall& call) {
  ReleaseScope scope;
  for (const auto& [name, value] : call.query) {
    if (name == "adapter") {
      scope.adapter = value;
    } else if (name == "app") {
      scope.app = value;
    } else {
      return Reply(400, ErrorJson("\"" + name +
                                  "\" is unknown here: adapter=NAME and app=ID narrow what is released"));
    }
  }
  if (!scope.app.empty() && !ViewApp(source, scope.app)) {
    return Reply(404, ErrorJson(NoSuchApp(scope.app, source.Apps())));
  }
  const absl::StatusOr<size_t> released = source.Release(scope);
  if (!released.ok()) {
    return Reply(404, ErrorJson(Message(released.status())));
  }
  LogWarning("held removals released", {{"by", call.remote_address},
                                        {"adapter", scope.adapter},
                                        {"app", scope.app},
                                        {"removals", std::to_string(*released)}});
  JsonWriter json;
  json.BeginObject().Field("released", uint64_t{*released});
  json.Field("distrust", source.Report().catalog.distrust).EndObject();
  return Reply(200, json.Take());
}

}  // namespace

AdminServer::AdminServer(HttpSettings settings, Source& source, const Clock& clock)
    : listen_(settings.listen),
      settings_(std::move(settings)),
      source_(source),
      feed_(source, clock),
      server_(OptionsOf(settings_)) {
  AddRoutes();
}

void AdminServer::Get(const std::string& pattern, HttpHandler handler) {
  server_.Handle("GET", pattern,
                 [handler = std::move(handler)](const HttpCall& call) { return Secured(handler(call)); });
}

void AdminServer::Change(std::string_view method, const std::string& pattern, HttpHandler handler) {
  server_.Handle(method, pattern, [this, handler = std::move(handler)](const HttpCall& call) {
    const absl::Status status = CheckBearer(Http(), FindHeader(call.headers, "Authorization"));
    if (status.ok()) {
      return Secured(handler(call));
    }
    HttpReply refused = Reply(absl::IsUnauthenticated(status) ? 401 : 403, ErrorJson(Message(status)));
    if (refused.status == 401) {
      refused.headers.emplace_back("WWW-Authenticate", "Bearer");
    }
    return Secured(std::move(refused));
  });
}

void AdminServer::AddRoutes() {
  Get("/healthz", Healthy);
  Get("/readyz", [this](const HttpCall&) {
    const EngineReport report = source_.Report();
    return Reply(report.ready ? 200 : 503, ReadyJson(report));
  });
  Get("/metrics", [this](const HttpCall&) {
    return Reply(200, MetricsText(source_.Report(), Version(), ReadProcessFigures()), kMetricsContentType);
  });
  Get("/openapi.json", [](const HttpCall&) { return Reply(200, std::string(FindAsset("openapi.json"))); });
  Get("/v1/status", [this](const HttpCall&) { return Reply(200, StatusJson(source_.Report(), Version())); });
  Get("/v1/apps/?", [this](const HttpCall&) { return Reply(200, AppsJson(source_)); });
  Get("/v1/apps(/.+)", [this](const HttpCall& call) { return App(source_, call.captures.at(0)); });
  Get("/v1/services", [this](const HttpCall&) { return Reply(200, ServicesJson(source_.Services())); });
  Get("/v1/adapters", [this](const HttpCall&) { return Reply(200, AdaptersJson(source_.Report())); });
  Get("/v1/plan", [this](const HttpCall&) { return Reply(200, PlanJson(source_.Plan(), source_.Report())); });
  Get("/v1/decisions", [this](const HttpCall& call) { return feed_.List(call); });
  Get("/v1/events", [this](const HttpCall& call) { return feed_.Open(call); });
  Get("/v1/log", [](const HttpCall&) { return ShowLog(); });
  Change("PUT", "/v1/log", ChangeLog);
  Change("POST", "/v1/release", [this](const HttpCall& call) { return Release(source_, call); });
  server_.Handle("GET", "/", [](const HttpCall&) { return Secured(Page(), kPagePolicy); });
  server_.Handle("GET", "/page/([a-z_]+\\.[a-z]+)", [](const HttpCall& call) {
    return Secured(PageFile(call.captures.at(0)).value_or(Rest(call)), kPagePolicy);
  });
  server_.HandleRest([](const HttpCall& call) { return Secured(Rest(call)); });
}

void AdminServer::UseToken(const HttpSettings& settings) {
  MutexLock lock(mutex_);
  settings_ = settings;
}

HttpSettings AdminServer::Http() const {
  MutexLock lock(mutex_);
  return settings_;
}

absl::Status AdminServer::Start() {
  ASSIGN_OR_RETURN(const ListenAddress address, ParseListen(listen_));
  return server_.Start(address.host, address.port);
}

std::string AdminServer::address() const {
  return listen_.substr(0, listen_.rfind(':') + 1) + std::to_string(server_.port());
}

}  // namespace dispatcher
