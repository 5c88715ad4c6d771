#include "so3/avz/trace_ring.hpp"

#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "so3/avz/console.hpp"

namespace avz {

using abi::trace::Flags;
using abi::trace::Kind;

namespace {

constexpr Flags flag_of(Kind kind) {
  switch (kind) {
    case Kind::call:
    case Kind::call_done: return Flags::calls;
    case Kind::interrupt: return Flags::interrupts;
    case Kind::vcpu_in:
    case Kind::vcpu_out: return Flags::vcpus;
    case Kind::state: return Flags::states;
    case Kind::domcall_begin:
    case Kind::domcall_end: return Flags::domcalls;
    case Kind::thread: return Flags::threads;
    default: return Flags::none;
  }
}

// A guest can make as many of these as it likes.
constexpr bool is_frequent(Kind kind) { return flag_of(kind) != Flags::states && flag_of(kind) != Flags::domcalls; }

}  // namespace

void TraceRing::start(Reservation& reservation, std::uint32_t cpu, Flags flags, TimeScale scale) {
  for (auto& page : page_) {
    const auto drawn = reservation.draw();
    if (!drawn) panic("the pages of a trace were reserved and are not there");
    page = arch::physical<abi::trace::Record>(*drawn);
  }
  cpu_ = static_cast<std::uint8_t>(cpu);
  scale_ = scale;
  written_ = taken_ = 0;
  lost_ = 0;
  flags_ = flags;
}

void TraceRing::end(Pages& owner) {
  for (auto& page : page_) {
    owner.release(arch::physical_address(page));
    page = nullptr;
  }
}

void TraceRing::write(Kind kind, std::uint32_t slot, std::uint32_t number, std::uint64_t value0, std::uint64_t value1) {
  if (!wants(flags_.load(std::memory_order_relaxed), flag_of(kind))) return;
  const std::uint32_t index = written_.load(std::memory_order_relaxed);
  const std::uint32_t used = index - taken_.load(std::memory_order_acquire);
  if (used >= (is_frequent(kind) ? capacity / 4 * 3 : capacity)) {
    lost_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  __extension__ using Wide = unsigned __int128;
  at(index) = {.time = static_cast<std::uint64_t>((Wide{arch::physical_counter()} * scale_.mult) >> scale_.shift),
               .kind = static_cast<std::uint8_t>(kind),
               .cpu = cpu_,
               .slot = static_cast<std::uint16_t>(slot),
               .number = number,
               .value = {value0, value1}};
  written_.store(index + 1, std::memory_order_release);
}

bool TraceRing::take(abi::trace::Record& record) {
  const std::uint32_t index = taken_.load(std::memory_order_relaxed);
  if (index == written_.load(std::memory_order_acquire)) return false;
  record = at(index);
  taken_.store(index + 1, std::memory_order_release);
  return true;
}

}  // namespace avz
