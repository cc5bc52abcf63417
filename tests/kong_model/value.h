// Mutable JSON objects for the model: each member is kept as JSON text.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dispatcher/base/json.h"

namespace dispatcher::kong_model {

using Object = std::map<std::string, std::string>;

std::string Quote(std::string_view text);                       // as a JSON string
std::string Unquote(std::string_view json);                     // "" for what is none
std::string TextOf(const Object& object);                       // as JSON
Object ObjectOf(JsonView json);                                 // its members
std::string Get(const Object& object, const std::string& key);  // a string member, "" without
int64_t Number(const Object& object, const std::string& key, int64_t fallback);
bool Flag(const Object& object, const std::string& key);
std::vector<std::string> List(const Object& object, const std::string& key);
std::string Array(const std::vector<std::string>& items);        // of strings, as JSON
std::string IdIn(const Object& object, const std::string& key);  // {"service":{"id":"x"}} -> "x"

// What may be a body: JSON by default, a form by its content type.
Object FormOf(std::string_view body);

}  // namespace dispatcher::kong_model
