// What a Kong of one version holds, and what its Admin API answers. Not
// thread-safe: model.cc holds a lock around it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "adapters/kong/version.h"
#include "dispatcher/net/server.h"
#include "tests/kong_model/value.h"

namespace dispatcher::kong_model {

struct Row {
  Object fields;
  uint64_t order = 0;  // of creation
};
using Table = std::map<std::string, Row>;  // by id

struct Ask {
  std::string method;
  std::vector<std::string> path;  // decoded segments
  HttpHeaders query;
  Object body;
  bool body_bad = false;  // no JSON
  std::string base;       // "http://127.0.0.1:8001", for absolute links
  std::string text;       // the body as it came
};

class State {
 public:
  explicit State(const KongVersion& version) : version_(version) {}

  HttpReply Answer(const Ask& ask);

  const KongVersion& version() const { return version_; }
  // Grows with everything that the router is built from.
  uint64_t routing_generation() const { return routing_; }
  const Table& table(const std::string& kind) const;
  // The targets that take requests, newest row of each address, weight above 0.
  std::vector<Object> ActiveTargets(const std::string& upstream) const;
  void Clear();

 private:
  // entities.cc: services, routes, plugins of every version; upstreams from 1.0 on
  HttpReply Entities(const Ask& ask);
  HttpReply Collection(const Ask& ask, const std::string& kind, const Object& forced);
  HttpReply One(const Ask& ask, const std::string& kind, const std::string& key, const Object& forced);
  HttpReply Create(const std::string& kind, Object body, const Object& forced);
  HttpReply Update(const std::string& kind, const std::string& id, const Object& body);
  HttpReply Replace(const std::string& kind, const std::string& key, Object body);
  HttpReply Remove(const std::string& kind, const std::string& key);
  HttpReply Page(const Ask& ask, const std::vector<const Object*>& rows) const;
  HttpReply SchemaFault(const std::map<std::string, std::string>& faults) const;
  HttpReply Unsupported(const std::string& what, const std::string& kind, bool by_name) const;
  std::optional<HttpReply> CheckReferences(const std::string& kind, Object& body, const std::string& self);
  std::string Find(const std::string& kind, const std::string& key) const;  // id, "" if absent
  HttpReply Missing(const std::string& key) const;                          // of PATCH

  // targets.cc
  HttpReply Targets(const Ask& ask, const std::string& upstream);
  HttpReply PostTarget(const Ask& ask, const std::string& upstream);
  HttpReply OneTarget(const Ask& ask, const std::string& upstream, const std::string& key);

  // legacy.cc: apis, and upstreams and targets before 1.0
  HttpReply Legacy(const Ask& ask, const std::string& kind);
  HttpReply LegacyCreate(const std::string& kind, Object body);
  HttpReply LegacyTargets(const Ask& ask, const std::string& upstream);
  HttpReply LegacyPage(const Ask& ask, const std::vector<const Object*>& rows) const;

  // config.cc: without a database
  HttpReply Config(const Ask& ask);
  HttpReply Status() const;

  HttpReply Said(int status, const Object& fields) const;
  std::string NewId();
  void Touched(const std::string& kind);

  const KongVersion version_;
  std::map<std::string, Table> tables_;
  std::string config_;  // the text that was loaded, for check_hash
  uint64_t order_ = 0;
  uint64_t routing_ = 0;
  std::mt19937_64 random_{20160425};
};

HttpReply Reply(int status, std::string body);
HttpReply NotFound();
HttpReply NotAllowed();
std::string QueryOf(const Ask& ask, const std::string& name);  // "" without
bool HasQuery(const Ask& ask, const std::string& name);

}  // namespace dispatcher::kong_model
