// How hypercalls reach their handlers. Convention and numbers: so3/abi/hypercall.hpp.
//
// A fast handler is called straight from the vector: no frame is saved, it must not switch vCPUs, kill its caller
// or take long, and answers x0 and x1; all else of the caller is preserved or zeroed by the vector.
// A slow handler runs with the caller's registers saved in its Vcpu and may do all of that.
// Either finds its caller as this_cpu().current. No argument has been checked but the call's number and that
// the caller's role may make it.
#pragma once
#include <array>
#include <cstdint>

#include "so3/abi/hypercall.hpp"
#include "so3/abi/status.hpp"
#include "so3/avz/vcpu.hpp"

namespace avz {

// x0 and x1. One integer, because GCC passes a struct of two through the stack when it may use no FP register.
class Answer {
 public:
  constexpr Answer(abi::Status status, std::uint64_t value = 0)
      : x0_x1_{static_cast<std::uint64_t>(status) | static_cast<unsigned __int128>(value) << 64} {}
  constexpr abi::Status status() const { return static_cast<abi::Status>(static_cast<std::uint64_t>(x0_x1_)); }
  constexpr std::uint64_t value() const { return static_cast<std::uint64_t>(x0_x1_ >> 64); }

 private:
  unsigned __int128 x0_x1_;
};

// The first parameter is the register with the function id, so that arguments are where the caller put them.
using FastCall = Answer (*)(std::uint64_t id, std::uint64_t x1, std::uint64_t x2, std::uint64_t x3, std::uint64_t x4);

// In: x[1]..x[7] = arguments. Out: x[0] = Status, x[1]..x[7] = values; use answer(), which leaves nothing behind.
// What it does to who runs takes effect when the trap ends, not before it returns.
using SlowCall = void (*)(Vcpu& caller, std::uint64_t (&x)[8]);

template <typename... Values>
  requires(sizeof...(Values) <= 7)
inline void answer(std::uint64_t (&x)[8], abi::Status status, Values... values) {
  const std::uint64_t all[8] = {static_cast<std::uint64_t>(status), static_cast<std::uint64_t>(values)...};
#pragma GCC unroll 8
  for (int i = 0; i < 8; i++) x[i] = all[i];
}

enum class Caller : std::uint8_t { any, me, agency };

// One table per role, indexed by Call: what the role may not call leads to a handler that says so. And a second one
// for each that records what is called (trace.hpp) and does the same.
struct CallTable {
  std::array<FastCall, abi::call_count> fast;
  std::array<SlowCall, abi::call_count> slow;
  const CallTable* silent;
  const CallTable* traced;
};
extern const CallTable agency_calls, me_calls, domcall_calls;
extern const CallTable traced_agency_calls, traced_me_calls, traced_domcall_calls;

}  // namespace avz
