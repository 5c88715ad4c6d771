// Memory that another domain may map.
#pragma once
#include <cstdint>
#include <expected>

#include "so3/guest/hypercall.hpp"
#include "so3/guest/place.hpp"

namespace guest {

// One page, zeroed, and the grant under which `remote` may map it. After an arrival the grant is none any more: renew it.
// The page stays where it is.
class GrantedPage {
 public:
  GrantedPage() = default;
  [[nodiscard]] static hypercall::Result<GrantedPage> allocate(hypercall::Slot remote, abi::GrantFlags flags);

  GrantedPage(GrantedPage&& other) noexcept;
  GrantedPage& operator=(GrantedPage&& other) noexcept;
  // While the peer still maps the page it is never given back to the heap: the peer could write to what lives there next.
  ~GrantedPage() { release(); }

  explicit operator bool() const { return page_ != nullptr; }
  hypercall::GrantRef reference() const { return reference_; }
  template <typename T>
  T& as() const {
    static_assert(sizeof(T) <= abi::page_size);
    return *static_cast<T*>(page_);
  }

  // Another grant in place of the one it has. busy: at this very place the peer still maps the page.
  [[nodiscard]] hypercall::Result<void> renew();

  // False: the peer maps it, so the page is lost to this domain (said on the console).
  bool release();

 private:
  hypercall::Result<void> grant();
  hypercall::Result<void> end();

  void* page_ = nullptr;
  hypercall::Slot remote_ = 0;
  abi::GrantFlags flags_ = abi::GrantFlags::none;
  hypercall::GrantRef reference_ = 0;
  Place place_ = 0;  // where it is a reference
};

}  // namespace guest
