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
  const auto reference = hypercall::grant_access(remote, ipa(page), flags);
  if (!reference) {
    free(page);
    return std::unexpected{reference.error()};
  }
  GrantedPage granted;
  granted.page_ = page;
  granted.remote_ = remote;
  granted.flags_ = flags;
  granted.reference_ = *reference;
  return granted;
}

GrantedPage::GrantedPage(GrantedPage&& other) noexcept
    : page_{std::exchange(other.page_, nullptr)},
      remote_{other.remote_},
      flags_{other.flags_},
      reference_{other.reference_} {}

GrantedPage& GrantedPage::operator=(GrantedPage&& other) noexcept {
  if (this != &other) {
    release();
    page_ = std::exchange(other.page_, nullptr);
    remote_ = other.remote_;
    flags_ = other.flags_;
    reference_ = other.reference_;
  }
  return *this;
}

hypercall::Result<void> GrantedPage::renew() {
  const auto reference = hypercall::grant_access(remote_, ipa(page_), flags_);
  if (!reference) return std::unexpected{reference.error()};
  reference_ = *reference;
  return {};
}

bool GrantedPage::release() {
  if (page_ == nullptr) return true;
  void* const page = std::exchange(page_, nullptr);
  if (const auto ended = hypercall::grant_end(reference_); !ended && ended.error() == abi::Status::busy) {
    printk(KERN_WARNING "grant %u: domain %u still maps the page, so it cannot be used again\n", reference_, remote_);
    return false;
  }
  free(page);
  return true;
}

}  // namespace guest
