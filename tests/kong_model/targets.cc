// Targets from 1.0 on: history until 2.1, rows that POST changes until 2.8, rows
// that POST finds taken from 3.0 on.
#include <algorithm>

#include "dispatcher/base/clock.h"
#include "tests/kong_model/schema.h"
#include "tests/kong_model/state.h"

namespace dispatcher::kong_model {
namespace {

// Before the text of a member is parsed: whether it can be that upstream's.
bool Mentions(const Object& fields, const std::string& key, const std::string& upstream) {
  const auto found = fields.find(key);
  return found != fields.end() && found->second.find(upstream) != std::string::npos;
}

std::vector<const Row*> RowsOf(const Table& table, const std::string& upstream) {
  std::vector<const Row*> rows;
  for (const auto& [id, row] : table) {
    if ((Mentions(row.fields, "upstream", upstream) && IdIn(row.fields, "upstream") == upstream) ||
        (Mentions(row.fields, "upstream_id", upstream) && Get(row.fields, "upstream_id") == upstream)) {
      rows.push_back(&row);
    }
  }
  std::sort(rows.begin(), rows.end(), [](const Row* a, const Row* b) { return a->order > b->order; });
  return rows;
}

}  // namespace

std::vector<Object> State::ActiveTargets(const std::string& upstream) const {
  std::vector<Object> active;
  std::vector<std::string> seen;
  for (const Row* row : RowsOf(table("targets"), upstream)) {
    const std::string target = Get(row->fields, "target");
    if (std::find(seen.begin(), seen.end(), target) != seen.end()) {
      continue;
    }
    seen.push_back(target);
    if (Number(row->fields, "weight", 0) > 0) {
      active.push_back(row->fields);
    }
  }
  return active;
}

HttpReply State::PostTarget(const Ask& ask, const std::string& upstream) {
  if (const auto faults = SchemaFaults(version_, "targets", ask.body, true); !faults.empty()) {
    return SchemaFault(faults);
  }
  if (version_.dbless) {
    return Unsupported("create", "targets", false);
  }
  const std::string target = *NormalTarget(Get(ask.body, "target"));
  for (const Row* row : RowsOf(table("targets"), upstream)) {
    if (!version_.UpdatesTargets() || Get(row->fields, "target") != target) {
      continue;
    }
    // Until 2.8 it is found by the very text that it is kept as, until 2.4.0 only if it is listed.
    const bool idle = version_.HidesIdleTargets() && Number(row->fields, "weight", 0) == 0;
    if (version_.AtLeast(3, 0) || idle || Get(ask.body, "target") != target) {
      const bool both = version_.AtLeast(3, 0);
      const std::string of = both ? ",upstream={id=\"" + upstream + "\"}" : "";
      Object fields = {{"target", Quote(target)}};
      if (both) {
        fields["upstream"] = TextOf({{"id", Quote(upstream)}});
      }
      return Said(409,
                  {{"code", "5"},
                   {"name", Quote("unique constraint violation")},
                   {"message", Quote("UNIQUE violation detected on '{target=\"" + target + "\"" + of + "}'")},
                   {"fields", TextOf(fields)}});
    }
    Ask patch = ask;
    patch.method = "PATCH";
    patch.body["target"] = Quote(target);
    return OneTarget(patch, upstream, Get(row->fields, "id"));
  }
  Row row;
  row.fields = DefaultsOf(version_, "targets");
  for (const auto& [key, value] : ask.body) {
    row.fields[key] = value;
  }
  const std::string id = NewId();
  row.fields["id"] = Quote(id);
  row.fields["target"] = Quote(target);
  row.fields["upstream"] = TextOf({{"id", Quote(upstream)}});
  row.fields["created_at"] = std::to_string(SystemClock().Wall() / 1000);
  if (version_.AtLeast(3, 0)) {
    row.fields["updated_at"] = row.fields["created_at"];
  }
  row.order = ++order_;
  return Reply(201, TextOf((tables_["targets"][id] = row).fields));
}

HttpReply State::OneTarget(const Ask& ask, const std::string& upstream, const std::string& key) {
  const Row* found = nullptr;
  for (const Row* row : RowsOf(table("targets"), upstream)) {
    const bool match = Get(row->fields, IsUuid(key) ? "id" : "target") == key;
    found = found == nullptr && match ? row : found;
  }
  if (found == nullptr) {
    return NotFound();
  }
  const std::string id = Get(found->fields, "id");
  if (ask.method == "GET") {
    return Reply(200, TextOf(found->fields));
  }
  if (ask.method == "DELETE") {
    if (version_.dbless) {
      return Unsupported("remove", "targets", false);
    }
    tables_["targets"].erase(id);
    return Reply(204, "");
  }
  if ((ask.method != "PATCH" && ask.method != "PUT") || !version_.UpdatesTargets()) {
    return NotAllowed();
  }
  if (const auto faults = SchemaFaults(version_, "targets", ask.body, false); !faults.empty()) {
    return SchemaFault(faults);
  }
  if (version_.dbless) {
    return Unsupported("update", "targets", false);
  }
  Object fields = found->fields;
  for (const auto& [name, value] : ask.body) {
    fields[name] = value;
  }
  fields["target"] = Quote(*NormalTarget(Get(fields, "target")));
  return Reply(200, TextOf(tables_["targets"][id].fields = fields));
}

HttpReply State::Targets(const Ask& ask, const std::string& upstream) {
  const bool all = ask.path.size() == 4 && ask.path[3] == "all";
  if (ask.path.size() == 4 && !all) {
    return OneTarget(ask, upstream, ask.path[3]);
  }
  if (ask.method == "POST" && !all) {
    return PostTarget(ask, upstream);
  }
  if (ask.method != "GET") {
    return NotAllowed();
  }
  std::vector<const Object*> rows;
  for (const Row* row : RowsOf(table("targets"), upstream)) {
    if (all || !version_.HidesIdleTargets() || Number(row->fields, "weight", 0) > 0) {
      rows.push_back(&row->fields);
    }
  }
  const std::vector<Object> active = ActiveTargets(upstream);
  if (!all && !version_.UpdatesTargets()) {
    rows.clear();
    for (const Object& fields : active) {
      rows.push_back(&fields);
    }
  }
  return Page(ask, rows);
}

}  // namespace dispatcher::kong_model
