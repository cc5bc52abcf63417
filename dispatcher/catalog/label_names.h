// Which labels of ours there are, and what is said of one that can't be used.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/model/definition.h"

namespace dispatcher {

// "label dispatcher.weight = "heavy" is left out: it has to be a number"; a long value is cut.
std::string LabelProblem(std::string_view label, std::string_view value, std::string_view remedy);

// "do you mean consul?", or "there are consul and kong" where none is near.
std::string DoYouMean(std::string_view word, const std::vector<std::string>& known);

// "consul, kong and vulcand"
std::string OneAfterAnother(const std::vector<std::string>& words);

// A problem for each label "dispatcher.…" that means nothing, 20 at most: those of the port's
// own labels, and with port 0 those of the app's.
std::vector<std::string> UnknownLabels(const Definition& app, int port);

}  // namespace dispatcher
