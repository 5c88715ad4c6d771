// The pages of a snapshot: who writes has them saved, who reads takes them.
#include "so3/arch/physical.hpp"
#include "so3/avz/domain.hpp"
#include "so3/avz/scheduler.hpp"
#include "so3/avz/snapshot.hpp"

namespace avz {

using abi::page_size;
using abi::Status;

namespace {

// A page that was saved, in one word: where it was in RAM, and where it is.
constexpr unsigned frame_bits = 28;
constexpr std::uint64_t entry_of(std::uint64_t ipa, PhysAddr page) {
  return (ipa - abi::ram_ipa) / page_size << frame_bits | page / page_size;
}
constexpr std::uint64_t ipa_of(std::uint64_t entry) { return abi::ram_ipa + (entry >> frame_bits) * page_size; }
constexpr PhysAddr page_of(std::uint64_t entry) { return entry % (1u << frame_bits) * page_size; }
static_assert(ipa_of(entry_of(abi::ram_ipa + abi::ram_max - page_size, 0xff'ffff'f000)) ==
                  abi::ram_ipa + abi::ram_max - page_size &&
              page_of(entry_of(abi::ram_ipa, 0xff'ffff'f000)) == 0xff'ffff'f000);

}  // namespace

std::uint64_t* Snapshot::saved_list() const { return arch::physical<std::uint64_t>(list_); }

bool Snapshot::save(std::uint64_t ipa, PhysAddr page, bool may_grow) {
  if (saved_ >= reserve_ + extra_) {
    if (!may_grow || saved_ == saved_max || !reservation_.grow()) return false;
    extra_++;
  }
  const PhysAddr copy = *reservation_.draw_dirty();
  arch::copy_page(arch::physical<void>(copy), arch::physical<void>(page));
  saved_list()[saved_++] = entry_of(ipa, copy);
  return true;
}

void Snapshot::take_saved(std::uint8_t* to, std::uint64_t& ipa) {
  const std::uint64_t entry = saved_list()[--saved_];
  ipa = ipa_of(entry);
  if (to != nullptr) arch::copy_page(to, arch::physical<void>(page_of(entry)));
  reservation_.put_back(page_of(entry));
  if (extra_ == 0) return;
  reservation_.shrink();
  extra_--;
}

void Snapshot::give_up(Domain& domain) {
  given_up_ = true;
  let_writer_go_on(domain);
}

bool Snapshot::writer_waits(Domain& domain) const {
  const LockGuard guard{domain.memory.lock()};
  return writer_waits_;
}

void Snapshot::let_writer_go_on(Domain& domain) {
  if (!writer_waits_) return;
  writer_waits_ = false;
  unstall(domain.vcpu);
}

bool Snapshot::before_own_write(Domain& domain, std::uint64_t address, bool may_wait) {
  const std::uint64_t ipa = address & ~(page_size - 1);
  {
    const LockGuard guard{domain.memory.lock()};
    if (!domain.memory.frozen()) return false;
    Stage2Entry* const page = domain.memory.frozen_page(ipa);
    if (page == nullptr) {
      if (!domain.memory.writable(ipa)) return false;
    } else {
      if (!given_up_ && !save(ipa, page->address(), !may_wait)) {
        if (may_wait) {
          writer_waits_ = true;
          stall(domain.vcpu);
          return true;
        }
        give_up(domain);
      }
      domain.memory.unfreeze(*page);
    }
  }
  domain.memory.forget(ipa);
  return true;
}

void Snapshot::before_foreign_write(Domain& domain, std::uint64_t ipa) {
  if (!domain.memory.frozen()) return;  // nor will it be while the caller is at it
  const LockGuard guard{domain.memory.lock()};
  Stage2Entry* const page = domain.memory.frozen_page(ipa);
  if (page == nullptr) return;
  if (!given_up_ && !save(ipa, page->address(), true)) give_up(domain);
  domain.memory.unfreeze(*page);
}

std::expected<std::uint64_t, Status> Snapshot::copy_page(Domain& domain, std::uint8_t* to) {
  const LockGuard guard{domain.memory.lock()};
  if (given_up_) return std::unexpected{Status::no_memory};
  std::uint64_t ipa = 0;
  if (saved_ != 0) {
    take_saved(to, ipa);
    let_writer_go_on(domain);
    return ipa;
  }
  const std::uint64_t end = abi::ram_ipa + domain.ram_bytes;
  if (const Status s = domain.memory.find_frozen(cursor_, end); s != Status::ok) return std::unexpected{s};
  if (cursor_ == end) return 0;
  ipa = cursor_;
  Stage2Entry& page = *domain.memory.frozen_page(ipa);
  arch::copy_page(to, arch::physical<void>(page.address()));
  domain.memory.unfreeze(page);
  cursor_ = ipa + page_size;
  return ipa;
}

}  // namespace avz
