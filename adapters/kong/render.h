// What a service and its instances look like in Kong. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "adapters/adapter.h"
#include "adapters/kong/kong.h"
#include "adapters/publish.h"
#include "dispatcher/net/http.h"

namespace dispatcher {

class KongRender {
 public:
  // `options` were checked by MakeKongAdapter.
  explicit KongRender(const KongOptions& options);

  Rendered Structure(const Service& service, std::string_view framework) const;
  // Empty in mode router.
  std::vector<Entry> Target(const Service& service, const Instance& instance,
                            std::string_view framework) const;

 private:
  const std::string owner_, name_;
  const Expose expose_;
  const bool to_router_;
  Url router_;
};

}  // namespace dispatcher
