// The page at /: for now a list of what can be asked.
#pragma once

#include <string>
#include <string_view>

namespace dispatcher {

std::string IndexPage(std::string_view version);

}  // namespace dispatcher
