#include "dispatcher/admin/page.h"

namespace dispatcher {

std::string IndexPage(std::string_view version) {
  std::string page = R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>dispatcher</title>
</head>
<body>
<h1>dispatcher</h1>
<ul>
<li><a href="/v1/services">/v1/services</a>: what should be reachable</li>
<li><a href="/v1/apps">/v1/apps</a>: apps known; /v1/apps/ID tells everything about one</li>
<li><a href="/v1/adapters">/v1/adapters</a>: the registries, what is held back, what fails</li>
<li><a href="/v1/plan">/v1/plan</a>: what would be written now</li>
<li><a href="/v1/status">/v1/status</a>: all of it in short: stream, snapshot, registries</li>
<li><a href="/v1/decisions">/v1/decisions</a>: what was decided; /v1/events sends it as it comes</li>
<li><a href="/openapi.json">/openapi.json</a>: what each answer holds</li>
<li><a href="/readyz">/readyz</a>: ready or not, and why</li>
<li><a href="/healthz">/healthz</a>: the process is alive</li>
<li><a href="/metrics">/metrics</a>: for Prometheus</li>
</ul>
)";
  page.append("<p>Version ").append(version).append("</p>\n</body>\n</html>\n");
  return page;
}

}  // namespace dispatcher
