// Which labels of an app, pod or port mean something here. The decoders keep no other:
// they may be many and long, and are nobody's business.
#pragma once

#include <string_view>

namespace dispatcher {

// Ours, or one that people bring along from allegro/marathon-consul, marathon-lb,
// registrator or traefik.
bool IsPublishingLabel(std::string_view key);

// ... or one that is a tag by its value ("tag", "tag:name").
bool IsKeptLabel(std::string_view key, std::string_view value);

}  // namespace dispatcher
