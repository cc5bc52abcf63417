// Cancellation: the standard's stop_token under the field's word.
//
// Who starts work owns a CancelSource; who works takes a Cancel, looks at
// stop_requested() between steps, and hangs a std::stop_callback on it where a
// blocking call has to be broken off. A default Cancel never triggers.
#pragma once

#include <stop_token>

namespace dispatcher {

using Cancel = std::stop_token;
using CancelSource = std::stop_source;

}  // namespace dispatcher
