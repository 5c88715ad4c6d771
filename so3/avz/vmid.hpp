// VMIDs tell the TLB entries of domains apart. They have 8 bits, as VTCR_EL2.VS = 0 says and every CPU has, which serves
// 250 MEs. 0 is nobody's. A domain has one, and a second while it is in a snapshot:
// some are kept for that, so that one can be taken of a machine that is full of domains.
#pragma once
#include <cstdint>
#include <optional>

#include "so3/avz/spinlock.hpp"

namespace avz {

using Vmid = std::uint16_t;

class Vmids {
 public:
  static constexpr std::uint32_t limit = 256;
  static constexpr std::uint32_t kept_for_snapshots = 4;
  [[nodiscard]] std::optional<Vmid> take();
  [[nodiscard]] std::optional<Vmid> take_for_snapshot();
  void give_back(Vmid vmid);

 private:
  std::optional<Vmid> take_leaving(std::uint32_t kept);

  SpinLock lock_;
  std::uint32_t taken_ = 1;
  std::uint64_t used_[limit / 64] = {1};
};

}  // namespace avz
