// What somebody may have meant who asked for an app that is not known.
#pragma once

#include <string>
#include <vector>

#include "dispatcher/model/ids.h"

namespace dispatcher {

// "no app /cart is known: do you mean /shop/cart?"; a task's id is told from an app's: "… is a
// task of /shop/cart: ask for /shop/cart TASK".
std::string NoSuchApp(const AppId& id, const std::vector<AppId>& apps);

}  // namespace dispatcher
