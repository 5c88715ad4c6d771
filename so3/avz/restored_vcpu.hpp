// A vCPU that goes on where another stood still, perhaps on another board: what a snapshot says of its registers, read
// from outside, made this vCPU's.
//
// EL1's registers may be anything, as the ME itself could have written anything: stage 2 and the traps contain it.
#pragma once
#include <cstdint>
#include <optional>

#include "so3/abi/snapshot.hpp"
#include "so3/avz/vcpu.hpp"

namespace avz {

class RestoredVcpu {
 public:
  // nullopt: a register holds what the format does not allow.
  static std::optional<RestoredVcpu> decode(const abi::snapshot::Vcpu& from);
  // Into a vCPU that never ran. Its counter goes on from where it was, its timer fires as far away from that, in
  // seconds, whatever the frequency of either board.
  void load_into(Vcpu& vcpu, std::uint64_t physical_counter, std::uint64_t counter_hz) const;

 private:
  explicit RestoredVcpu(const abi::snapshot::Vcpu& from) : from_{from} {}
  const abi::snapshot::Vcpu& from_;
};

// The same time in ticks of another frequency; both below 4 GHz. Wraps as counters do.
constexpr std::uint64_t convert_ticks(std::uint64_t ticks, std::uint64_t from_hz, std::uint64_t to_hz) {
  return ticks / from_hz * to_hz + ticks % from_hz * to_hz / from_hz;
}
static_assert(convert_ticks(62'500'000 * 3 + 1, 62'500'000, 1'000'000'000) == 3'000'000'016);

}  // namespace avz
