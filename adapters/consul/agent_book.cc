#include "adapters/consul/agent_book.h"

#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {

std::set<std::string> AgentBook::Nodes(std::string_view lane) const {
  MutexLock lock(mutex_);
  auto found = nodes_.find(lane);
  return found == nodes_.end() ? std::set<std::string>() : found->second;
}

void AgentBook::SetNodes(std::map<std::string, std::set<std::string>, std::less<>> nodes_by_lane) {
  MutexLock lock(mutex_);
  nodes_ = std::move(nodes_by_lane);
}

void AgentBook::AddNode(std::string_view lane, const std::string& node) {
  MutexLock lock(mutex_);
  nodes_[std::string(lane)].insert(node);
}

AgentService AgentBook::Get(std::string_view service_id) const {
  MutexLock lock(mutex_);
  auto found = services_.find(Fnv1a(service_id));
  return found == services_.end() ? AgentService() : found->second;
}

void AgentBook::Set(std::string_view service_id, AgentService service) {
  MutexLock lock(mutex_);
  services_[Fnv1a(service_id)] = service;
}

void AgentBook::Remove(std::string_view service_id) {
  MutexLock lock(mutex_);
  services_.erase(Fnv1a(service_id));
}

}  // namespace dispatcher
