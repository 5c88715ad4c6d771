#include "so3/agency/machine/grant_window.hpp"

namespace agency {

MappedPage::~MappedPage() {
  if (window_ != nullptr) window_->unmap(index_);
}

void* MappedPage::address() const { return window_->base_ + index_ * abi::page_size; }

hypercall::Result<MappedPage> GrantWindow::map(hypercall::Slot owner, hypercall::GrantRef reference,
                                               abi::GrantFlags flags) {
  for (std::size_t tried = 0; tried < used_.size(); ++tried) {
    const auto index = (next_ + tried) % used_.size();
    if (used_[index]) continue;
    if (const auto mapped = hypercall::grant_map(owner, reference, ipa(index), flags); !mapped)
      return std::unexpected{mapped.error()};
    used_.set(index);
    next_ = index + 1;
    return MappedPage{*this, index};
  }
  return std::unexpected{abi::Status::no_memory};
}

void GrantWindow::unmap(std::size_t index) {
  // Refused only if nothing is mapped there any more.
  static_cast<void>(hypercall::grant_unmap(ipa(index)));
  used_.reset(index);
}

}  // namespace agency
