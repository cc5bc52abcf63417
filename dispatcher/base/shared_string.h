// A string that never changes, shared by all who hold it: a copy costs one pointer.
// For what is kept for long and in many places: ids, versions, addresses, hosts.
//
// Converts to and from the other string types by itself, so that only the place
// that keeps it has to name it. Copies may be held and dropped in any threads.
#pragma once

#include <atomic>
#include <compare>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace dispatcher {

class SharedString {
 public:
  SharedString() = default;
  // NOLINTBEGIN(google-explicit-constructor): it stands wherever a string may stand
  SharedString(std::string_view text) : node_(Make(text)) {}
  SharedString(const std::string& text) : SharedString(std::string_view(text)) {}
  SharedString(const char* text) : SharedString(std::string_view(text)) {}
  // NOLINTEND(google-explicit-constructor)
  SharedString(const SharedString& other) noexcept : node_(other.node_) {
    if (node_ != nullptr) {
      node_->holders.fetch_add(1, std::memory_order_relaxed);
    }
  }
  SharedString(SharedString&& other) noexcept : node_(std::exchange(other.node_, nullptr)) {}
  SharedString& operator=(SharedString other) noexcept {
    std::swap(node_, other.node_);
    return *this;
  }
  ~SharedString() { Drop(); }

  std::string_view view() const {
    return node_ == nullptr ? std::string_view() : std::string_view(node_->characters(), node_->size);
  }
  // NOLINTBEGIN(google-explicit-constructor)
  operator std::string_view() const { return view(); }
  operator std::string() const { return std::string(view()); }
  // NOLINTEND(google-explicit-constructor)

  bool empty() const { return node_ == nullptr; }
  size_t size() const { return view().size(); }
  // True if no other copy is held, or can be made but by the caller.
  bool unique() const { return node_ == nullptr || node_->holders.load(std::memory_order_acquire) == 1; }
  bool starts_with(std::string_view what) const { return view().starts_with(what); }
  // "" again, without the holder's share.
  void clear() { *this = SharedString(); }

  friend bool operator==(const SharedString& a, const SharedString& b) {
    return a.node_ == b.node_ || a.view() == b.view();
  }
  friend std::strong_ordering operator<=>(const SharedString& a, const SharedString& b) {
    return a.node_ == b.node_ ? std::strong_ordering::equal : a.view() <=> b.view();
  }
  friend bool operator==(const SharedString& a, std::string_view b) { return a.view() == b; }
  friend bool operator==(const SharedString& a, const std::string& b) { return a.view() == b; }
  friend bool operator==(const SharedString& a, const char* b) { return a.view() == b; }
  friend std::strong_ordering operator<=>(const SharedString& a, std::string_view b) {
    return a.view() <=> b;
  }
  friend std::strong_ordering operator<=>(const SharedString& a, const std::string& b) {
    return a.view() <=> b;
  }

  friend std::string operator+(std::string a, const SharedString& b) { return std::move(a.append(b.view())); }
  friend std::string operator+(const char* a, const SharedString& b) {
    return std::string(a).append(b.view());
  }
  friend std::string operator+(const SharedString& a, std::string_view b) {
    return std::string(a.view()).append(b);
  }
  friend std::ostream& operator<<(std::ostream& out, const SharedString& text) { return out << text.view(); }
  template <typename H>
  friend H AbslHashValue(H state, const SharedString& text) {
    const std::string_view view = text.view();
    return H::combine(H::combine_contiguous(std::move(state), view.data(), view.size()), view.size());
  }

 private:
  struct Node {
    std::atomic<uint32_t> holders;
    uint32_t size;
    char* characters() { return reinterpret_cast<char*>(this + 1); }
  };
  static Node* Make(std::string_view text);  // null for ""
  void Drop();

  Node* node_ = nullptr;
};

}  // namespace dispatcher
