// The same entry on the host: a test says what avz would answer.
#pragma once
#include <array>
#include <cstdint>

#include "so3/abi/hypercall.hpp"

namespace hypercall {

struct Answer {
  std::uint64_t status;  // x0
  std::uint64_t x[8];    // x[1]..x[7]; x[0] is unused, so that indices are register numbers
};

using Arguments = std::array<std::uint64_t, 8>;  // [1]..[7]; what a call does not take is 0

// Stands for avz. Called from whichever thread makes the hypercall.
class Hypervisor {
 public:
  virtual ~Hypervisor() = default;
  virtual Answer call(abi::Call call, const Arguments& arguments) = 0;
  virtual void acknowledge_interrupt() {}
};

// The one in force; none: every call answers not_supported. A test installs its own for its own time.
inline Hypervisor* hypervisor = nullptr;

constexpr std::uint64_t unused() { return 0; }

inline Answer invoke(abi::Call call, std::uint64_t a1 = 0, std::uint64_t a2 = 0, std::uint64_t a3 = 0,
                     std::uint64_t a4 = 0, std::uint64_t a5 = 0, std::uint64_t a6 = 0, std::uint64_t a7 = 0) {
  if (hypervisor == nullptr) return {static_cast<std::uint64_t>(abi::Status::not_supported), {}};
  return hypervisor->call(call, {0, a1, a2, a3, a4, a5, a6, a7});
}

inline void acknowledge_interrupt() {
  if (hypervisor != nullptr) hypervisor->acknowledge_interrupt();
}

}  // namespace hypercall
