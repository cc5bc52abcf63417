// How an app does in one registry, in one line: the same in the command, the API and the page.
#pragma once

#include <string>

#include "dispatcher/admin/views.h"

namespace dispatcher {

// "2 of 2 instances registered as shop-cart", "not published: …", "not known: it can't be
// read: …"; what is held, refused, fails or is on its way follows, each with a first reason.
std::string SummaryOf(const AppView& view, const std::string& adapter, const AppPlace& place);

}  // namespace dispatcher
