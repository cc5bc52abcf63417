// Without a database: one document, YAML or JSON, that replaces everything.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <utility>

#include "dispatcher/base/strings.h"
#include "tests/kong_model/schema.h"
#include "tests/kong_model/state.h"

namespace dispatcher::kong_model {
namespace {

// What an unquoted scalar stands for.
std::string Scalar(const YAML::Node& node) {
  const std::string& text = node.Scalar();
  const bool plain = node.Tag() != "!";
  if (plain && (text == "true" || text == "false" || text == "null" || text == "~" || text.empty())) {
    return text == "true" || text == "false" ? text : "null";
  }
  const bool decimal = text.find_first_not_of("0123456789.") == std::string::npos &&
                       std::count(text.begin(), text.end(), '.') == 1;
  return plain && (ParseInt(text) || decimal) ? text : Quote(text);
}

std::string JsonOf(const YAML::Node& node) {
  if (node.IsSequence()) {
    std::string json = "[";
    for (const YAML::Node& item : node) {
      json += (json.size() > 1 ? "," : "") + JsonOf(item);
    }
    return json + "]";
  }
  if (node.IsMap()) {
    Object object;
    for (const auto& pair : node) {
      object[pair.first.Scalar()] = JsonOf(pair.second);
    }
    return TextOf(object);
  }
  return node.IsScalar() ? Scalar(node) : "null";
}

// As JSON; nullopt for what is no YAML.
std::optional<std::string> Converted(const std::string& text) {
  try {
    return JsonOf(YAML::Load(text));
  } catch (const YAML::Exception&) {
    return std::nullopt;
  }
}

// The same entity has the same id in every load.
std::string StableId(const std::string& kind, const std::string& name) {
  std::string id = Hex(Fnv1a(kind + "/" + name)) + Hex(Fnv1a(name + "/" + kind, 1));
  id[12] = '5';
  id[16] = '8';
  for (size_t at : {8, 13, 18, 23}) {
    id.insert(at, "-");
  }
  return id;
}

Object Invalid(const std::string& field, const std::string& message) {
  return {{"code", "14"},
          {"name", Quote("invalid declarative configuration")},
          {"message", Quote("declarative config is invalid: {" + field + "=\"" + message + "\"}")},
          {"fields", TextOf({{field, Quote(message)}})}};
}

struct Loader {
  const KongVersion& version;
  std::map<std::string, Table> tables;
  uint64_t order = 0;
  std::string fault;

  // Returns the id of what was added; lists of children are left out.
  std::string Add(const std::string& kind, const std::string& name, Object fields) {
    const auto faults = SchemaFaults(version, kind, fields, true);
    const std::string id = StableId(kind, name);
    if (!faults.empty()) {
      fault = kind + " " + faults.begin()->first + ": " + faults.begin()->second;
    } else if (tables[kind].contains(id) && version.AtLeast(3, 0)) {
      fault = kind + " uniqueness violation: " + name + " already declared";
    }
    Row row;
    row.fields = DefaultsOf(version, kind);
    for (auto& [key, value] : fields) {
      row.fields[key] = value;
    }
    row.fields["id"] = Quote(id);
    row.fields["created_at"] = "1795222559";
    if (kind != "upstreams" || version.AtLeast(3, 0)) {
      row.fields["updated_at"] = "1795222559";
    }
    row.order = ++order;
    tables[kind][id] = std::move(row);
    return id;
  }

  void AddServices(JsonView services) {
    services.ForEach([&](JsonView json) {
      Object fields = ObjectOf(json);
      fields.erase("routes");
      if (const auto url = Url::Parse(json["url"].StringOr("")); url.ok()) {
        fields["protocol"] = Quote(url->scheme);
        fields["host"] = Quote(url->host);
        fields["port"] = std::to_string(url->port);
      }
      fields.erase("url");
      const std::string service = Add("services", json["name"].StringOr(""), fields);
      json["routes"].ForEach([&](JsonView route) {
        Object of_route = ObjectOf(route);
        of_route["service"] = TextOf({{"id", Quote(service)}});
        Add("routes", route["name"].StringOr(""), of_route);
      });
    });
  }

  void AddUpstreams(JsonView upstreams) {
    upstreams.ForEach([&](JsonView json) {
      Object fields = ObjectOf(json);
      fields.erase("targets");
      const std::string upstream = Add("upstreams", json["name"].StringOr(""), fields);
      json["targets"].ForEach([&](JsonView target) {
        Object of_target = ObjectOf(target);
        const auto address = NormalTarget(target["target"].StringOr(""));
        of_target["upstream"] = TextOf({{"id", Quote(upstream)}});
        if (address) {
          of_target["target"] = Quote(*address);
        }
        Add("targets", upstream + " " + address.value_or(""), of_target);
      });
    });
  }
};

}  // namespace

HttpReply State::Config(const Ask& ask) {
  if (ask.method == "GET" && version_.dbless) {
    return Reply(200, TextOf({{"config", Quote(config_)}}));
  }
  if (ask.method != "POST") {
    return NotAllowed();
  }
  if (!version_.dbless) {
    return Reply(
        400,
        R"({"message":"this endpoint is only available when Kong is configured to not use a database"})");
  }
  if (ask.body_bad) {
    return Reply(400, R"({"message":"Cannot parse JSON body"})");
  }
  if (ask.text.empty()) {
    return Reply(400, R"({"message":"expected a declarative configuration"})");
  }
  const std::string given = Get(ask.body, "config");
  const bool wrapped = ask.body.contains("config");
  if (wrapped && given == config_ && QueryOf(ask, "check_hash") == "1") {
    HttpReply same = Reply(304, "");
    return same;
  }
  const std::optional<std::string> json = wrapped ? Converted(given) : TextOf(ask.body);
  const auto document = JsonDocument::Parse(json.value_or(""));
  if (!document.ok() || !document->root().IsObject()) {
    return Said(400, Invalid("error", "failed parsing declarative configuration"));
  }
  const JsonView root = document->root();
  const std::string format = root["_format_version"].StringOr("");
  if (!root["_format_version"].exists()) {
    return Said(400, Invalid("_format_version", "required field missing"));
  }
  const bool known = format == "1.1" || (format == "2.1" && version_.AtLeast(2, 1)) ||
                     (format == "3.0" && version_.AtLeast(3, 0));
  if (!known) {
    return Said(400,
                Invalid("_format_version", root["_format_version"].String()
                                               ? version_.AtLeast(3, 0) ? "expected one of: 1.1, 2.1, 3.0"
                                                                        : "expected one of: 1.1, 2.1"
                                               : "expected a string"));
  }
  std::string unknown;
  root.ForEachMember([&](std::string_view key, JsonView) {
    if (key != "_format_version" && key != "_transform" && key != "services" && key != "upstreams") {
      unknown = key;
    }
  });
  if (!unknown.empty()) {
    return Said(400, Invalid(unknown, "unknown field"));
  }
  Loader loader{version_, {}, 0, ""};
  loader.AddServices(root["services"]);
  loader.AddUpstreams(root["upstreams"]);
  if (!loader.fault.empty()) {
    return Said(400, Invalid("error", loader.fault));
  }
  tables_ = std::move(loader.tables);
  config_ = wrapped ? given : *json;
  const bool empty = table("services").empty() && table("upstreams").empty();
  if (empty) {
    config_.clear();
  }
  ++routing_;
  Object answer;
  for (const auto& [kind, rows] : tables_) {
    Object by_id;
    for (const auto& [id, row] : rows) {
      by_id[id] = TextOf(row.fields);
    }
    answer[kind] = TextOf(by_id);
  }
  return Reply(201, TextOf(answer));
}

}  // namespace dispatcher::kong_model
