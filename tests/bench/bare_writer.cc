#include "tests/bench/bare_writer.h"

#include <algorithm>
#include <set>

#include "adapters/consul/catalog_adapter.h"
#include "adapters/consul/registration.h"
#include "adapters/consul/txn.h"
#include "tests/bench/catalog.h"
#include "tests/bench/marathon.h"

namespace dispatcher::bench {
namespace {

std::string Put(const std::string& app, const std::string& service, const Task& task) {
  const Entry entry = BareWriter::EntryOf(app, service, task);
  JsonWriter json;
  json.BeginObject().Key("Service").BeginObject().Field("Verb", "set");
  json.Field("Node", NodeName(kBareOwner, task.host)).Key("Service").BeginObject();
  WriteRegistration(json, entry, ServiceId(kBareOwner, task.id, 0, 0), kBareOwner, "Service", "", "");
  json.EndObject().EndObject().EndObject();
  return json.Take();
}

}  // namespace

BareWriter::BareWriter(const std::string& consul_url)
    : api_(HttpOptions(consul_url), Secret::Load("", "", "").value(), "") {}

Entry BareWriter::EntryOf(const std::string& app, const std::string& service, const Task& task) {
  Entry entry;
  entry.service = {app, 0};
  entry.task = task.id;
  entry.framework = kFrameworkId;
  entry.fields = {
      {"address", task.host + ":" + std::to_string(task.port)}, {"name", service}, {"version", task.version}};
  return entry;
}

std::vector<std::string> BareWriter::Everything(const Apps& apps) {
  std::set<std::string> hosts;
  std::vector<std::string> puts;
  for (int app = 0; app < apps.size(); ++app) {
    for (const Task& task : apps.Tasks(app)) {
      hosts.insert(task.host);
      puts.push_back(Put(apps.Id(app), apps.Service(app), task));
    }
  }
  std::vector<std::string> operations;
  for (const std::string& host : hosts) {
    operations.push_back(NodeSet(NodeName(kBareOwner, host), host, kBareOwner, ""));
  }
  std::move(puts.begin(), puts.end(), std::back_inserter(operations));
  return operations;
}

std::vector<std::string> BareWriter::Exchange(const Replacement& replacement) {
  return {Put(replacement.app, replacement.service, replacement.born),
          ServiceDelete(NodeName(kBareOwner, replacement.dead.host),
                        ServiceId(kBareOwner, replacement.dead.id, 0, 0))};
}

absl::Status BareWriter::Send(const std::vector<std::string>& operations) {
  for (size_t begin = 0; begin < operations.size(); begin += kTxnOperations) {
    const size_t end = std::min(operations.size(), begin + kTxnOperations);
    const TxnOutcome outcome = SendTxn(api_, "",
                                       {operations.begin() + static_cast<std::ptrdiff_t>(begin),
                                        operations.begin() + static_cast<std::ptrdiff_t>(end)},
                                       Cancel());
    RETURN_IF_ERROR(outcome.status);
  }
  return absl::OkStatus();
}

}  // namespace dispatcher::bench
