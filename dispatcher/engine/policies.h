// What the operator set, in the words of the rooms that obey it.
#pragma once

#include <string>
#include <vector>

#include "dispatcher/base/status.h"
#include "dispatcher/catalog/policy.h"
#include "dispatcher/config/settings.h"
#include "dispatcher/engine/read_scheduler.h"
#include "dispatcher/reconcile/reconciler.h"
#include "dispatcher/statics/static_service.h"

namespace dispatcher {

// InvalidArgument names the setting.
absl::StatusOr<CatalogPolicy> CatalogPolicyOf(const Settings& settings);
ReconcilePolicy ReconcilePolicyOf(const Settings& settings, const AdapterSettings& adapter);
ReadPolicy ReadPolicyOf(const Settings& settings);
std::vector<StaticSpec> StaticSpecsOf(const Settings& settings);

}  // namespace dispatcher
