#include "dispatcher/admin/suggest.h"

#include <algorithm>
#include <string_view>

#include "dispatcher/base/strings.h"

namespace dispatcher {
namespace {

constexpr size_t kMostMeant = 3;

std::string_view LastSegment(std::string_view id) { return id.substr(id.rfind('/') + 1); }

// The app whose tasks' ids begin as this text does, "shop_cart.6a7d": as Marathon makes them.
const AppId* AppOfTaskText(std::string_view text, const std::vector<AppId>& apps) {
  const auto found = std::find_if(apps.begin(), apps.end(), [&](const AppId& app) {
    std::string begin = app.substr(std::min<size_t>(app.size(), 1)) + ".";
    std::replace(begin.begin(), begin.end(), '/', '_');
    return begin.size() > 1 && text.starts_with(begin);
  });
  return found == apps.end() ? nullptr : &*found;
}

// Those that end as it does, "/shop/cart" for "/cart"; else the nearest by all of its id, or by
// the last part of it.
std::vector<AppId> Meant(const AppId& id, const std::vector<AppId>& apps) {
  std::vector<AppId> meant;
  for (const AppId& app : apps) {
    if (app.ends_with(id) && meant.size() <= kMostMeant) {
      meant.push_back(app);
    }
  }
  if (!meant.empty()) {
    return meant;
  }
  if (const auto nearest = Nearest(id, apps)) {
    return {*nearest};
  }
  std::vector<std::string> lasts;
  for (const AppId& app : apps) {
    lasts.emplace_back(LastSegment(app));
  }
  if (const auto nearest = Nearest(LastSegment(id), lasts)) {
    for (const AppId& app : apps) {
      if (LastSegment(app) == *nearest && meant.size() <= kMostMeant) {
        meant.push_back(app);
      }
    }
  }
  return meant;
}

}  // namespace

std::string NoSuchApp(const AppId& id, const std::vector<AppId>& apps) {
  const std::string_view bare = std::string_view(id).substr(id.starts_with('/') ? 1 : 0);
  if (const AppId* const app = AppOfTaskText(bare, apps)) {
    return std::string(bare) + " is a task's id: ask for " + *app + " " + std::string(bare);
  }
  std::vector<AppId> meant = Meant(id, apps);
  std::string text = "no app " + id + " is known";
  const bool more = meant.size() > kMostMeant;
  meant.resize(std::min(meant.size(), kMostMeant));
  for (const AppId& app : meant) {
    text.append(&app == meant.data()                        ? ": do you mean "
                : !more && &app == &meant[meant.size() - 1] ? " or "
                                                            : ", ")
        .append(app);
  }
  return text + (meant.empty() ? "" : more ? " or another one?" : "?");
}

}  // namespace dispatcher
