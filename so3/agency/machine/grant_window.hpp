// Pages of MEs that the agency has mapped, in its own grant window.
#pragma once
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <utility>

#include "so3/guest/hypercall.hpp"

namespace agency {

class GrantWindow;

// One page, mapped as long as this exists. The ME writes to it at any time: read once, into memory of your own.
class MappedPage {
 public:
  MappedPage() = default;
  MappedPage(MappedPage&& other) noexcept : window_{std::exchange(other.window_, nullptr)}, index_{other.index_} {}
  MappedPage& operator=(MappedPage&& other) noexcept {
    std::swap(window_, other.window_);
    std::swap(index_, other.index_);
    return *this;
  }
  ~MappedPage();

  template <typename T>
  T& as() const {
    static_assert(sizeof(T) <= abi::page_size);
    return *static_cast<T*>(address());
  }

 private:
  friend class GrantWindow;
  MappedPage(GrantWindow& window, std::size_t index) : window_{&window}, index_{index} {}
  void* address() const;

  GrantWindow* window_ = nullptr;
  std::size_t index_ = 0;
};

class GrantWindow {
 public:
  // Where the window is for this program; on the target the same as its IPA.
  explicit GrantWindow(std::byte* base) : base_{base} {}
  GrantWindow(const GrantWindow&) = delete;
  GrantWindow& operator=(const GrantWindow&) = delete;

  // no_memory: the window is full. Else what grant_map says.
  [[nodiscard]] hypercall::Result<MappedPage> map(hypercall::Slot owner, hypercall::GrantRef reference,
                                                  abi::GrantFlags flags = abi::GrantFlags::none);

 private:
  friend class MappedPage;
  std::uint64_t ipa(std::size_t index) const {
    return reinterpret_cast<std::uintptr_t>(base_) + index * abi::page_size;
  }
  void unmap(std::size_t index);

  std::byte* base_;
  std::size_t next_ = 0;  // where to look first
  std::bitset<abi::agency_grant_window_pages> used_;
};

}  // namespace agency
