#include "dispatcher/base/shared_string.h"

#include <cstring>
#include <new>

namespace dispatcher {

SharedString::Node* SharedString::Make(std::string_view text) {
  if (text.empty()) {
    return nullptr;
  }
  Node* node = new (::operator new(sizeof(Node) + text.size())) Node{1, static_cast<uint32_t>(text.size())};
  std::memcpy(node->characters(), text.data(), text.size());
  return node;
}

void SharedString::Drop() {
  if (node_ != nullptr && node_->holders.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    node_->~Node();
    ::operator delete(node_);
  }
}

}  // namespace dispatcher
