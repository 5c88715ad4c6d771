#include "tests/bench/agency/snapshots.hpp"

#include <array>

#include "so3/abi/layout.hpp"
#include "so3/guest/hypercall.hpp"
#include "tests/bench/measure.hpp"

namespace bench {
namespace {

using abi::Status;

// An ME of these three instructions waits for ever: mov w0, #0xc6000000; add w0, w0, #3 (vcpu_wait); hvc #0; b back.
alignas(8) constinit std::array<std::uint32_t, 4> waiter = {0x52b8'c000, 0x1100'0c00, 0xd400'0002, 0x17ff'fffd};

template <typename Call>
bool until_done(Call call) {
  auto result = call();
  while (!result && result.error() == Status::busy) result = call();
  return result.has_value();
}

std::uint64_t ipa(const void* p) { return reinterpret_cast<std::uint64_t>(p); }

// No slot (0): there is no memory for it.
std::uint32_t make_waiter(std::uint64_t ram_bytes) {
  const auto slot = hypercall::domain_create(ram_bytes, 1, abi::CreateFlags::none, 1, 0);
  if (!slot) return 0;
  for (std::uint64_t at = 0; at < ram_bytes; at += abi::page_size)
    static_cast<void>(hypercall::domain_load(*slot, abi::ram_ipa + at, ipa(&waiter), sizeof waiter));
  static_cast<void>(hypercall::domain_start(*slot, {abi::ram_ipa, abi::ram_ipa, 8, 0, 0}));
  for (int i = 0; i < 100; ++i) asm volatile("yield");  // it goes to sleep
  return *slot;
}

bool measure_pause(const char* name, std::uint64_t ram_bytes) {
  const auto slot = make_waiter(ram_bytes);
  if (slot == 0 || !until_done([slot] { return hypercall::snapshot_prepare(slot); })) return false;
  const std::uint64_t begin = counter();
  const bool frozen = hypercall::snapshot_freeze(slot).has_value();
  report(name, counter() - begin);
  return frozen && hypercall::snapshot_end(slot) && hypercall::domain_destroy(slot);
}

}  // namespace

bool measure_snapshot_pauses() {
  constexpr std::uint64_t mb = 1 << 20;
  return measure_pause("snapshot_pause_1m", mb) && measure_pause("snapshot_pause_16m", 16 * mb) &&
         measure_pause("snapshot_pause_256m", 256 * mb);
}

agency::Task<bool> measure_snapshot_faults(Partner& partner) {
  const auto slot = partner.slot();
  if (!until_done([slot] { return hypercall::snapshot_prepare(slot); }) ||
      !until_done([slot] { return hypercall::snapshot_freeze(slot); }))
    co_return false;
  partner.begin(Command::write_pages);
  partner.block();
  co_await partner.end(Command::write_pages);
  co_return hypercall::snapshot_end(slot).has_value();
}

}  // namespace bench
