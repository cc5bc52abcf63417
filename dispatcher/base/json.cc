#include "dispatcher/base/json.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory_resource>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace dispatcher {
namespace {

enum class Kind : uint8_t { kNull, kBool, kInt, kDouble, kString, kArray, kObject };

struct Member;

constexpr size_t kMaxValues = 4'000'000;

// Sixteen bytes; text and children lie in the document's arena.
struct Node {
  Kind kind = Kind::kNull;
  uint32_t size = 0;  // bytes of a string, children of a container
  union {
    int64_t integer = 0;
    double number;
    bool boolean;
    const char* text;
    const Node* elements;
    const Member* members;  // sorted by key, each key once
  };

  std::string_view Text() const { return {text, size}; }
};

struct Member {
  std::string_view key;
  Node value;
};

const Node& NodeOf(const void* node) {
  static const Node nothing{};
  return node == nullptr ? nothing : *static_cast<const Node*>(node);
}

// Receives the parser's steps and lays the tree out in an arena: children wait on
// one stack until their container ends, then move to their place together. Nothing
// recurses and nothing is freed one by one, whatever the nesting.
class Builder final : public nlohmann::json::json_sax_t {
 public:
  Builder(std::pmr::memory_resource& arena, int max_depth) : arena_(arena), max_depth_(max_depth) {}

  bool null() override { return Add({}); }
  bool boolean(bool value) override {
    Node node;
    node.kind = Kind::kBool;
    node.boolean = value;
    return Add(node);
  }
  bool number_integer(int64_t value) override {
    Node node;
    node.kind = Kind::kInt;
    node.integer = value;
    return Add(node);
  }
  bool number_unsigned(uint64_t value) override {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return AddDouble(static_cast<double>(value));
    }
    return number_integer(static_cast<int64_t>(value));
  }
  bool number_float(double value, const std::string&) override { return AddDouble(value); }
  bool string(std::string& value) override {
    const std::string_view kept = Keep(value);
    Node node;
    node.kind = Kind::kString;
    node.size = static_cast<uint32_t>(kept.size());
    node.text = kept.data();
    return Add(node);
  }
  bool binary(binary_t&) override { return false; }  // not in JSON text

  bool start_object(size_t) override { return Open(); }
  bool key(std::string& value) override {
    keys_.push_back(Keep(value));
    return true;
  }
  bool end_object() override {
    const size_t start = Close();
    const auto first = waiting_.begin() + static_cast<std::ptrdiff_t>(start);
    const auto by_key = [](const Member& a, const Member& b) { return a.key < b.key; };
    if (!std::is_sorted(first, waiting_.end(), by_key)) {
      std::stable_sort(first, waiting_.end(), by_key);
    }
    Member* members = Array<Member>(waiting_.size() - start);
    uint32_t count = 0;
    for (auto it = first; it != waiting_.end(); ++it) {
      const bool doubled = count > 0 && members[count - 1].key == it->key;
      members[doubled ? count - 1 : count++] = *it;
    }
    waiting_.resize(start);
    Node node;
    node.kind = Kind::kObject;
    node.size = count;
    node.members = members;
    return Add(node);
  }

  bool start_array(size_t) override {
    keys_.emplace_back();  // elements have none: they find this one, again and again
    return Open();
  }
  bool end_array() override {
    const size_t start = Close();
    keys_.pop_back();
    Node node;
    node.kind = Kind::kArray;
    node.size = static_cast<uint32_t>(waiting_.size() - start);
    Node* elements = Array<Node>(node.size);
    for (uint32_t i = 0; i < node.size; ++i) {
      elements[i] = waiting_[start + i].value;
    }
    waiting_.resize(start);
    node.elements = elements;
    return Add(node);
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    error_position_ = position;
    return false;
  }

  // The whole value, in the arena like its parts.
  const Node* Root() {
    Node* const root = Array<Node>(1);
    *root = waiting_.front().value;
    return root;
  }
  size_t error_position() const { return error_position_; }
  bool too_deep() const { return too_deep_; }
  bool too_many() const { return values_ > kMaxValues; }

 private:
  bool AddDouble(double value) {
    Node node;
    node.kind = Kind::kDouble;
    node.number = value;
    return Add(node);
  }

  bool Add(const Node& node) {
    if (++values_ > kMaxValues) {
      return false;
    }
    std::string_view name;
    if (!keys_.empty()) {
      name = keys_.back();
      if (name.data() != nullptr) {
        keys_.pop_back();
      }
    }
    waiting_.push_back({name, node});
    return true;
  }

  bool Open() {
    too_deep_ = starts_.size() >= static_cast<size_t>(max_depth_);
    starts_.push_back(waiting_.size());
    return !too_deep_;
  }

  size_t Close() {
    const size_t start = starts_.back();
    starts_.pop_back();
    return start;
  }

  template <typename T>
  T* Array(size_t count) {
    T* array = static_cast<T*>(arena_.allocate(count * sizeof(T), alignof(T)));
    std::uninitialized_default_construct_n(array, count);
    return array;
  }

  std::string_view Keep(const std::string& text) {
    char* copy = static_cast<char*>(arena_.allocate(text.size() + 1, 1));
    std::memcpy(copy, text.data(), text.size());
    return {copy, text.size()};
  }

  std::pmr::memory_resource& arena_;
  const int max_depth_;
  std::vector<Member> waiting_;         // values whose container is still open
  std::vector<size_t> starts_;          // of each open container's children in waiting_
  std::vector<std::string_view> keys_;  // for the next value; null data inside an array
  size_t error_position_ = 0;
  bool too_deep_ = false;
  size_t values_ = 0;
};

// The byte, counted from 1, where the nesting of `text` first goes beyond `max_depth`.
size_t FindTooDeep(std::string_view text, int max_depth) {
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      i += c == '\\' ? 1 : 0;
      quoted = c != '"';
    } else if (c == '"') {
      quoted = true;
    } else if (c == '{' || c == '[') {
      if (++depth > max_depth) {
        return i + 1;
      }
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return text.size();
}

void Append(const Node& node, JsonWriter& out) {
  switch (node.kind) {
    case Kind::kNull:
      out.Null();
      break;
    case Kind::kBool:
      out.Bool(node.boolean);
      break;
    case Kind::kInt:
      out.Int(node.integer);
      break;
    case Kind::kDouble:
      out.Double(node.number);
      break;
    case Kind::kString:
      out.String(node.Text());
      break;
    case Kind::kArray:
      out.BeginArray();
      for (uint32_t i = 0; i < node.size; ++i) {
        Append(node.elements[i], out);
      }
      out.EndArray();
      break;
    case Kind::kObject:
      out.BeginObject();
      for (uint32_t i = 0; i < node.size; ++i) {
        out.Key(node.members[i].key);
        Append(node.members[i].value, out);
      }
      out.EndObject();
      break;
  }
}

}  // namespace

bool JsonView::IsNull() const { return NodeOf(node_).kind == Kind::kNull; }
bool JsonView::IsObject() const { return NodeOf(node_).kind == Kind::kObject; }
bool JsonView::IsArray() const { return NodeOf(node_).kind == Kind::kArray; }

JsonView JsonView::operator[](std::string_view key) const {
  const Node& node = NodeOf(node_);
  if (node.kind != Kind::kObject) {
    return {};
  }
  const Member* const end = node.members + node.size;
  const Member* const found = std::lower_bound(
      node.members, end, key, [](const Member& member, std::string_view k) { return member.key < k; });
  return found != end && found->key == key ? JsonView(&found->value) : JsonView();
}

size_t JsonView::size() const {
  const Node& node = NodeOf(node_);
  return node.kind == Kind::kArray || node.kind == Kind::kObject ? node.size : 0;
}

JsonView JsonView::At(size_t index) const {
  const Node& node = NodeOf(node_);
  if (index >= size()) {
    return {};
  }
  return JsonView(node.kind == Kind::kArray ? &node.elements[index] : &node.members[index].value);
}

std::optional<std::string_view> JsonView::String() const {
  const Node& node = NodeOf(node_);
  return node.kind == Kind::kString ? std::optional(node.Text()) : std::nullopt;
}

std::optional<int64_t> JsonView::Int() const {
  const Node& node = NodeOf(node_);
  if (node.kind == Kind::kInt) {
    return node.integer;
  }
  // 2^63 is a double, the largest int64_t is not: hence the half-open range.
  if (node.kind == Kind::kDouble && node.number >= -0x1p63 && node.number < 0x1p63 &&
      std::trunc(node.number) == node.number) {
    return static_cast<int64_t>(node.number);
  }
  return std::nullopt;
}

std::optional<double> JsonView::Double() const {
  const Node& node = NodeOf(node_);
  if (node.kind == Kind::kInt) {
    return static_cast<double>(node.integer);
  }
  return node.kind == Kind::kDouble ? std::optional(node.number) : std::nullopt;
}

std::optional<bool> JsonView::Bool() const {
  const Node& node = NodeOf(node_);
  return node.kind == Kind::kBool ? std::optional(node.boolean) : std::nullopt;
}

std::string JsonView::StringOr(std::string_view fallback) const {
  return std::string(String().value_or(fallback));
}

void JsonView::ForEach(absl::FunctionRef<void(JsonView)> visit) const {
  if (IsArray()) {
    for (size_t i = 0; i < size(); ++i) {
      visit(At(i));
    }
  }
}

void JsonView::ForEachMember(absl::FunctionRef<void(std::string_view, JsonView)> visit) const {
  const Node& node = NodeOf(node_);
  if (node.kind == Kind::kObject) {
    for (uint32_t i = 0; i < node.size; ++i) {
      visit(node.members[i].key, JsonView(&node.members[i].value));
    }
  }
}

std::string JsonView::Dump() const {
  JsonWriter out;
  Append(NodeOf(node_), out);
  return out.Take();
}

std::string_view JsonView::TypeName() const {
  if (node_ == nullptr) {
    return "nothing";
  }
  switch (NodeOf(node_).kind) {
    case Kind::kNull:
      return "null";
    case Kind::kBool:
      return "boolean";
    case Kind::kInt:
    case Kind::kDouble:
      return "number";
    case Kind::kString:
      return "string";
    case Kind::kArray:
      return "array";
    case Kind::kObject:
      return "object";
  }
  return "nothing";
}

struct JsonDocument::Impl {
  std::pmr::monotonic_buffer_resource arena;
  const void* root = nullptr;  // a Node in the arena
};

JsonDocument::JsonDocument(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonDocument::JsonDocument(JsonDocument&&) noexcept = default;
JsonDocument& JsonDocument::operator=(JsonDocument&&) noexcept = default;
JsonDocument::~JsonDocument() = default;

JsonView JsonDocument::root() const { return JsonView(impl_->root); }

absl::StatusOr<JsonDocument> JsonDocument::Parse(std::string_view text, int max_depth) {
  if (text.size() > std::numeric_limits<uint32_t>::max()) {
    return Error(absl::StatusCode::kInvalidArgument, "JSON of more than 4 GiB");
  }
  // nlohmann's lexer takes NUL for the end of the text; JSON has none, raw, anywhere.
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return Error(absl::StatusCode::kInvalidArgument, "not JSON at byte ", std::to_string(nul), " of ",
                 std::to_string(text.size()));
  }
  auto impl = std::make_unique<Impl>();
  Builder builder(impl->arena, max_depth);
  if (!nlohmann::json::sax_parse(text, &builder)) {
    if (builder.too_deep()) {
      return Error(absl::StatusCode::kInvalidArgument, "JSON nested deeper than ", std::to_string(max_depth),
                   " levels at byte ", std::to_string(FindTooDeep(text, max_depth)));
    }
    if (builder.too_many()) {
      return Error(absl::StatusCode::kInvalidArgument, "JSON of more than ", std::to_string(kMaxValues),
                   " values");
    }
    return Error(absl::StatusCode::kInvalidArgument, "not JSON at byte ",
                 std::to_string(builder.error_position()), " of ", std::to_string(text.size()));
  }
  impl->root = builder.Root();
  return JsonDocument(std::move(impl));
}

}  // namespace dispatcher
