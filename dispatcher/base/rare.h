// A value that is nearly always as it was made: until it is changed it takes the room
// of a pointer. A copy is a copy. Not thread-safe.
#pragma once

#include <memory>
#include <utility>

namespace dispatcher {

template <typename T>
class Rare {
 public:
  Rare() = default;
  Rare(const Rare& other) : changed_(other.changed_ ? std::make_unique<T>(*other.changed_) : nullptr) {}
  Rare(Rare&&) noexcept = default;
  Rare& operator=(Rare other) noexcept {
    std::swap(changed_, other.changed_);
    return *this;
  }
  ~Rare() = default;

  const T& operator*() const {
    static const T unchanged;
    return changed_ ? *changed_ : unchanged;
  }
  const T* operator->() const { return &**this; }
  // To change it. From now on it takes its own room, too.
  T& Edit() {
    if (!changed_) {
      changed_ = std::make_unique<T>();
    }
    return *changed_;
  }

 private:
  std::unique_ptr<T> changed_;
};

}  // namespace dispatcher
