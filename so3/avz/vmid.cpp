#include "so3/avz/vmid.hpp"

#include <bit>

namespace avz {

std::optional<Vmid> Vmids::take() { return take_leaving(kept_for_snapshots); }
std::optional<Vmid> Vmids::take_for_snapshot() { return take_leaving(0); }

std::optional<Vmid> Vmids::take_leaving(std::uint32_t kept) {
  const LockGuard guard{lock_};
  if (limit - taken_ <= kept) return std::nullopt;
  for (std::uint32_t word = 0; word < limit / 64; word++) {
    if (used_[word] == ~std::uint64_t{0}) continue;
    const auto bit = static_cast<std::uint32_t>(std::countr_one(used_[word]));
    used_[word] |= std::uint64_t{1} << bit;
    taken_++;
    return static_cast<Vmid>(word * 64 + bit);
  }
  return std::nullopt;
}

void Vmids::give_back(Vmid vmid) {
  const LockGuard guard{lock_};
  used_[vmid / 64] &= ~(std::uint64_t{1} << vmid % 64);
  taken_--;
}

}  // namespace avz
