#include "tests/marathon_sim/faults.h"

#include <map>
#include <variant>

namespace dispatcher::sim {
namespace {

using Field = std::variant<int Faults::*, bool Faults::*>;

const std::map<std::string, Field, std::less<>>& Fields() {
  static const std::map<std::string, Field, std::less<>> fields = {
      {"drop_percent", &Faults::drop_percent},
      {"double_percent", &Faults::double_percent},
      {"delay_ms", &Faults::delay_ms},
      {"reorder", &Faults::reorder},
      {"split_writes", &Faults::split_writes},
      {"cut_after_events", &Faults::cut_after_events},
      {"stall", &Faults::stall},
      {"overflow", &Faults::overflow},
      {"stream_refuse", &Faults::stream_refuse},
      {"read_status", &Faults::read_status},
      {"read_empty", &Faults::read_empty},
      {"read_half", &Faults::read_half},
      {"read_stale_ms", &Faults::read_stale_ms},
      {"read_delay_ms", &Faults::read_delay_ms},
      {"missing_health", &Faults::missing_health},
  };
  return fields;
}

}  // namespace

absl::Status Faults::Merge(JsonView object) {
  Faults merged = object["reset"].BoolOr(false) ? Faults{} : *this;
  std::string bad;
  object.ForEachMember([&](std::string_view key, JsonView value) {
    if (value.IsNull() || key == "reset") {
      return;
    }
    if (key == "drop_types" && value.IsArray()) {
      merged.drop_types.clear();
      value.ForEach([&](JsonView type) { merged.drop_types.push_back(type.StringOr("")); });
      return;
    }
    if (key == "seed" && value.Int()) {
      merged.seed = static_cast<uint64_t>(*value.Int());
      return;
    }
    const auto field = Fields().find(key);
    if (field == Fields().end()) {
      bad = "unknown fault " + std::string(key);
    } else if (const auto* flag = std::get_if<bool Faults::*>(&field->second);
               flag != nullptr && value.Bool()) {
      merged.*(*flag) = *value.Bool();
    } else if (const auto* number = std::get_if<int Faults::*>(&field->second);
               number != nullptr && value.Int()) {
      merged.*(*number) = static_cast<int>(*value.Int());
    } else {
      bad = std::string(key) + " can't be a " + std::string(value.TypeName());
    }
  });
  if (!object.IsObject() || !bad.empty()) {
    return Error(absl::StatusCode::kInvalidArgument, bad.empty() ? "faults are an object" : bad);
  }
  *this = std::move(merged);
  return absl::OkStatus();
}

std::string Faults::Json() const {
  JsonWriter out;
  out.BeginObject();
  for (const auto& [key, field] : Fields()) {
    if (const auto* flag = std::get_if<bool Faults::*>(&field)) {
      out.Field(key, this->*(*flag));
    } else {
      out.Field(key, this->*std::get<int Faults::*>(field));
    }
  }
  out.Key("drop_types").BeginArray();
  for (const std::string& type : drop_types) {
    out.String(type);
  }
  out.EndArray().Field("seed", seed).EndObject();
  return out.Take();
}

}  // namespace dispatcher::sim
