#include "tests/kong_model/value.h"

#include "dispatcher/base/strings.h"

namespace dispatcher::kong_model {
namespace {

std::string Plain(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size()) {
      plain.push_back(static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16)));
      i += 2;
    } else {
      plain.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return plain;
}

// Forms have text alone: what looks like a number or a truth value becomes one.
std::string Coerced(const std::string& text) {
  return text == "true" || text == "false" || ParseInt(text) ? text : Quote(text);
}

}  // namespace

std::string Quote(std::string_view text) {
  JsonWriter json;
  json.String(text);
  return json.Take();
}

std::string Unquote(std::string_view json) {
  const auto document = JsonDocument::Parse(json);
  return document.ok() ? document->root().StringOr("") : "";
}

std::string TextOf(const Object& object) {
  JsonWriter json;
  json.BeginObject();
  for (const auto& [key, value] : object) {
    json.Key(key).Raw(value);
  }
  json.EndObject();
  return json.Take();
}

Object ObjectOf(JsonView json) {
  Object object;
  json.ForEachMember([&](std::string_view key, JsonView value) { object[std::string(key)] = value.Dump(); });
  return object;
}

std::string Get(const Object& object, const std::string& key) {
  const auto found = object.find(key);
  return found == object.end() ? "" : Unquote(found->second);
}

int64_t Number(const Object& object, const std::string& key, int64_t fallback) {
  const auto found = object.find(key);
  return found == object.end() ? fallback : ParseInt(found->second).value_or(fallback);
}

bool Flag(const Object& object, const std::string& key) {
  const auto found = object.find(key);
  return found != object.end() && found->second == "true";
}

std::vector<std::string> List(const Object& object, const std::string& key) {
  std::vector<std::string> items;
  const auto found = object.find(key);
  if (found != object.end()) {
    const auto document = JsonDocument::Parse(found->second);
    if (document.ok()) {
      document->root().ForEach([&](JsonView item) { items.push_back(item.StringOr("")); });
    }
  }
  return items;
}

std::string Array(const std::vector<std::string>& items) {
  JsonWriter json;
  json.BeginArray();
  for (const std::string& item : items) {
    json.String(item);
  }
  json.EndArray();
  return json.Take();
}

std::string IdIn(const Object& object, const std::string& key) {
  const auto found = object.find(key);
  const auto document = JsonDocument::Parse(found == object.end() ? "null" : found->second);
  return document.ok() ? document->root()["id"].StringOr("") : "";
}

Object FormOf(std::string_view body) {
  Object object;
  std::map<std::string, std::vector<std::string>> lists;
  for (std::string_view pair : Split(body, '&')) {
    const size_t equals = pair.find('=');
    if (pair.empty()) {
      continue;
    }
    std::string key = Plain(pair.substr(0, equals));
    const std::string value = equals == std::string_view::npos ? "" : Plain(pair.substr(equals + 1));
    if (key.ends_with("[]")) {
      lists[key.substr(0, key.size() - 2)].push_back(value);
    } else if (const size_t dot = key.find('.'); dot != std::string::npos) {
      object[key.substr(0, dot)] = "{" + Quote(key.substr(dot + 1)) + ":" + Coerced(value) + "}";
    } else {
      object[key] = Coerced(value);
    }
  }
  for (const auto& [key, items] : lists) {
    object[key] = Array(items);
  }
  return object;
}

}  // namespace dispatcher::kong_model
