// The settings, shown to people: what is in force, and what there is.
#pragma once

#include <string>

#include "dispatcher/config/load.h"

namespace dispatcher {

// Everything in force as a YAML file that loads to the same settings, each line
// with where it comes from. A secret's value is never in it: it appears as a
// comment that says that it is set.
std::string DescribeConfiguration(const Configuration& configuration);

// The README's table: key, default, what is allowed, meaning.
std::string SettingsMarkdown();

// The same for a terminal.
std::string SettingsHelp();

}  // namespace dispatcher
