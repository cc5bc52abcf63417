// Reading back what the catalog holds of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "adapters/consul/api.h"
#include "adapters/consul/catalog_book.h"
#include "adapters/consul/registration.h"
#include "dispatcher/model/entry.h"

namespace dispatcher {

inline constexpr std::string_view kNodeKind = "node";
inline constexpr std::string_view kCriticalStatus = "critical";
inline constexpr std::string_view kDrainingStatus = "draining";

// A node of the catalog with the services on it.
struct CatalogNode {
  std::string owner;  // by its Meta; "" for a stranger's
  std::vector<Registration> services;
};

// nullopt if there is no such node.
absl::StatusOr<std::optional<CatalogNode>> GetCatalogNode(const ConsulApi& api, std::string_view node,
                                                          const Cancel& cancel);

// All entries of `owner`, and `book` brought up to date.
absl::Status ReadCatalog(const ConsulApi& api, std::string_view owner, const Cancel& cancel,
                         CatalogBook& book, absl::FunctionRef<void(Entry)> visit);

// Adapter::Watch: services of nodes of ours with the nodes themselves (0), and checks on
// them (1). Neither changes for what happens on other nodes, so a busy cluster is no noise
// (measured; but for a new node whose mark is nearly ours).
inline constexpr size_t kWatched = 2;
absl::StatusOr<WatchAnswer> WatchCatalog(const ConsulApi& api, std::string_view owner, size_t thing,
                                         uint64_t since, const Cancel& cancel);

}  // namespace dispatcher
