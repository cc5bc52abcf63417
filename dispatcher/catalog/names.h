// Names of services in discovery: [a-z0-9-], at most 63 characters, so that each
// is a DNS label.
#pragma once

#include <string>
#include <string_view>

#include "dispatcher/model/definition.h"

namespace dispatcher {

// "/shop/cart", port 0 -> "shop-cart"; port i -> "shop-cart-<port name>", or
// "shop-cart-port<i>" where it is unnamed or called "default" (Marathon 1.5+ gives
// that name itself). A UDP port ends in "-udp". `base` replaces the app's part.
std::string ServiceName(std::string_view app_or_base, int port_index, const PortSpec& port);

// Any text as a DNS label: lower case, other characters become '-', no '-' at the
// ends; beyond 63 characters the tail gives way to a hash of the whole, so that two
// long names stay two. "" if nothing usable is left.
std::string DnsLabel(std::string_view text);

}  // namespace dispatcher
