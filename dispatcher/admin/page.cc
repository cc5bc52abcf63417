#include "dispatcher/admin/page.h"

#include <algorithm>
#include <string>

#include "dispatcher/admin/assets.h"
#include "dispatcher/admin/reply.h"

namespace dispatcher {

std::string_view FindAsset(std::string_view name) {
  const std::span<const Asset> assets = Assets();
  const auto found =
      std::find_if(assets.begin(), assets.end(), [&](const Asset& asset) { return asset.name == name; });
  return found == assets.end() ? std::string_view() : found->text;
}

HttpReply Page() { return Reply(200, std::string(FindAsset("page.html")), "text/html; charset=utf-8"); }

std::optional<HttpReply> PageFile(std::string_view name) {
  const std::string_view type = name.ends_with(".js")    ? "text/javascript; charset=utf-8"
                                : name.ends_with(".css") ? "text/css; charset=utf-8"
                                                         : "";
  const std::string_view text = type.empty() ? "" : FindAsset(name);
  return text.empty() ? std::nullopt : std::optional(Reply(200, std::string(text), type));
}

}  // namespace dispatcher
