// How a service, a task and an address are called in Kong, and back.
//
// The body of a name is "<app>.<port>" with "/" of the app as "_" ("/shop/cart",
// port 0: "_shop_cart.0"), or "<name>.shared" where several apps share a service on
// purpose. Upstreams, and all objects of Kong before 1.1, are called
// "<owner>.<body>", which Kong takes for a host name, as upstreams need.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"
#include "dispatcher/model/entry.h"
#include "dispatcher/model/service.h"

namespace dispatcher {

std::string BodyOf(const ServiceKey& key);
std::string SharedBody(std::string_view name);
// app "" for a shared one; nullopt for what is no body.
std::optional<ServiceKey> KeyOfBody(std::string_view body);

std::string KongName(std::string_view owner, std::string_view body);
// The body of such a name; "" if it is another's.
std::string_view BodyOfName(std::string_view owner, std::string_view name);

// Ids of entries: "<owner>.<body>.~" and, for a target, "/<address>~" after it.
struct KongId {
  std::string body;
  std::string address;  // "" for structure
};
std::string StructureId(std::string_view owner, std::string_view body);
std::string TargetId(std::string_view owner, std::string_view body, std::string_view address);
std::optional<KongId> ParseId(std::string_view owner, std::string_view id);

// What the tags of an object say. Kong >= 1.1; "," and "/" are not allowed in a
// tag, and nothing but printable ASCII is in all versions.
struct KongMark {
  std::string owner;  // "" without a mark of any dispatcher
  std::string body;
  std::string framework;
  std::string task;  // targets
  ServiceKey key;    // that of the body; of a shared one's targets that of their own app
};
KongMark ParseMark(JsonView tags);
std::vector<std::string> TagsOf(const KongMark& mark);
// `tags` of others that stand beside ours: kept by every update.
std::vector<std::string> OtherTags(JsonView tags);
// A query that finds the objects with this owner and body, without "?".
std::string MarkQuery(std::string_view owner, std::string_view body);

// Kong writes IPv6 out in full and brackets; here it is as short as can be.
// "[0000:…:0001]:80" -> "[::1]:80", "10.0.0.1:80" stays.
std::string ShortAddress(std::string_view text);

}  // namespace dispatcher
