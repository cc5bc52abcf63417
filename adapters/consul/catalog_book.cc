#include "adapters/consul/catalog_book.h"

#include <utility>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

absl::flat_hash_set<uint64_t> Hashes(const std::vector<std::string>& ids) {
  absl::flat_hash_set<uint64_t> hashes;
  hashes.reserve(ids.size());
  for (const std::string& id : ids) {
    hashes.insert(Fnv1a(id));
  }
  return hashes;
}

}  // namespace

void CatalogBook::SetNode(const std::string& node, const std::vector<std::string>& services,
                          const std::vector<std::string>& checked, const std::vector<std::string>& foreign) {
  Node found{Hashes(services), Hashes(checked), Hashes(foreign)};
  MutexLock lock(mutex_);
  nodes_[node] = std::move(found);
}

bool CatalogBook::KnowsNode(const std::string& node) const {
  MutexLock lock(mutex_);
  return nodes_.contains(node);
}

void CatalogBook::ForgetNode(const std::string& node) {
  MutexLock lock(mutex_);
  nodes_.erase(node);
}

void CatalogBook::AddService(const std::string& node, std::string_view service, bool checked) {
  const uint64_t hash = Fnv1a(service);
  MutexLock lock(mutex_);
  Node& known = nodes_[node];
  known.services.insert(hash);
  if (checked) {
    known.checked.insert(hash);
  } else {
    known.checked.erase(hash);
  }
}

void CatalogBook::RemoveService(const std::string& node, std::string_view service) {
  const uint64_t hash = Fnv1a(service);
  MutexLock lock(mutex_);
  auto found = nodes_.find(node);
  if (found != nodes_.end()) {
    found->second.services.erase(hash);
    found->second.checked.erase(hash);
  }
}

bool CatalogBook::Holds(const std::string& node, absl::flat_hash_set<uint64_t> Node::*set,
                        std::string_view service) const {
  const uint64_t hash = Fnv1a(service);
  MutexLock lock(mutex_);
  auto found = nodes_.find(node);
  return found != nodes_.end() && (found->second.*set).contains(hash);
}

bool CatalogBook::HasCheck(const std::string& node, std::string_view service) const {
  return Holds(node, &Node::checked, service);
}

bool CatalogBook::IsForeign(const std::string& node, std::string_view service) const {
  return Holds(node, &Node::foreign, service);
}

bool CatalogBook::WouldBeEmpty(const std::string& node, const std::vector<std::string>& gone) const {
  MutexLock lock(mutex_);
  auto found = nodes_.find(node);
  if (found == nodes_.end()) {
    return true;
  }
  if (found->second.services.size() > gone.size()) {
    return false;
  }
  size_t left = found->second.services.size();
  for (uint64_t hash : Hashes(gone)) {
    left -= found->second.services.contains(hash) ? 1 : 0;
  }
  return left == 0;
}

}  // namespace dispatcher
