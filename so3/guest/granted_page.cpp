#include "so3/guest/granted_page.hpp"

#include <malloc.h>

#include <cstring>
#include <utility>

#include "so3/kernel/include/so3/printk.h"

namespace guest {
namespace {

std::uint64_t ipa(const void* page) { return reinterpret_cast<std::uintptr_t>(page); }  // = VA (abi/layout.hpp)

}  // namespace

hypercall::Result<GrantedPage> GrantedPage::allocate(hypercall::Slot remote, abi::GrantFlags flags) {
  void* const page = memalign(abi::page_size, abi::page_size);
  if (page == nullptr) return std::unexpected{abi::Status::no_memory};
  std::memset(page, 0, abi::page_size);  // what the heap kept here is nobody else's business
  GrantedPage granted;
  granted.remote_ = remote;
  granted.flags_ = flags;
  granted.page_ = page;
  if (const auto done = granted.grant(); !done) {
    free(std::exchange(granted.page_, nullptr));
    return std::unexpected{done.error()};
  }
  return granted;
}

GrantedPage::GrantedPage(GrantedPage&& other) noexcept
    : page_{std::exchange(other.page_, nullptr)},
      remote_{other.remote_},
      flags_{other.flags_},
      reference_{other.reference_},
      place_{other.place_} {}

GrantedPage& GrantedPage::operator=(GrantedPage&& other) noexcept {
  if (this != &other) {
    release();
    page_ = std::exchange(other.page_, nullptr);
    remote_ = other.remote_;
    flags_ = other.flags_;
    reference_ = other.reference_;
    place_ = other.place_;
  }
  return *this;
}

hypercall::Result<void> GrantedPage::grant() {
  const auto reference = hypercall::grant_access(remote_, ipa(page_), flags_);
  if (!reference) return std::unexpected{reference.error()};
  reference_ = *reference;
  place_ = here();
  return {};
}

// A reference of another place is nobody's here.
hypercall::Result<void> GrantedPage::end() {
  if (place_ != here()) return {};
  return hypercall::grant_end(reference_);
}

hypercall::Result<void> GrantedPage::renew() {
  if (const auto ended = end(); !ended && ended.error() == abi::Status::busy) return ended;
  return grant();
}

bool GrantedPage::release() {
  if (page_ == nullptr) return true;
  void* const page = std::exchange(page_, nullptr);
  if (const auto ended = end(); !ended && ended.error() == abi::Status::busy) {
    printk(KERN_WARNING "grant %u: domain %u still maps the page, so it cannot be used again\n", reference_, remote_);
    return false;
  }
  free(page);
  return true;
}

}  // namespace guest
