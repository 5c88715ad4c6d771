// VMIDs tell the TLB entries of domains apart. 0 is nobody's.
#pragma once
#include <cstdint>
#include <optional>

#include "so3/avz/spinlock.hpp"

namespace avz {

using Vmid = std::uint16_t;

class Vmids {
 public:
  static constexpr std::uint32_t most = 1024;  // more than domains can use, snapshots included

  // `bits`: 8 or 16, what the CPUs have and VTCR_EL2.VS says.
  void init(unsigned bits);
  [[nodiscard]] std::optional<Vmid> take();
  void give_back(Vmid vmid);

 private:
  SpinLock lock_;
  std::uint32_t limit_ = 256;
  std::uint64_t used_[most / 64] = {1};
};

}  // namespace avz
