// The page at / and its files under /page/, out of assets/.
#pragma once

#include <optional>
#include <string_view>

#include "dispatcher/net/server.h"

namespace dispatcher {

// What the page may load: its own files, and the API of the server it came from. No inline
// script or style, and no text that becomes HTML (trusted types).
inline constexpr char kPagePolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

HttpReply Page();
// "page.css" or "main.js"; nullopt for any other file.
std::optional<HttpReply> PageFile(std::string_view name);

}  // namespace dispatcher
