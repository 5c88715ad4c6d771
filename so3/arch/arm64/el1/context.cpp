// Contexts of new threads and their thread-local data.
#include "so3/arch/context.hpp"

#include <cstring>

#include "so3/arch/arm64/el1/layout.hpp"
#include "so3/arch/arm64/el1/thread_local.hpp"
#include "so3/arch/boot.hpp"

namespace arch {
namespace {

// First in .tdata: gives the segment its alignment, on which the linker bases the offsets from TPIDR_EL0.
[[gnu::section(".tdata.so3_first"), gnu::used]] alignas(tls_alignment) thread_local std::uint64_t tls_first = 0;

// What arch_switch_context takes from a new stack: its callee-saved registers.
struct SwitchFrame {
  std::uint64_t x29, x30;
  std::uint64_t x19_x28[10];
  std::uint64_t d8_d15[8];
};
static_assert(sizeof(SwitchFrame) == 160);

}  // namespace

std::size_t tls_bytes() {
  return tls_alignment +
         ((static_cast<std::size_t>(so3_tls_end - so3_tls_image) + tls_alignment - 1) & ~(tls_alignment - 1));
}

// The block: 16 bytes that the ABI reserves at TPIDR_EL0, padding, the data (ELF for AArch64, TLS variant 1).
std::uint64_t init_tls(std::byte* block) {
  const auto image = static_cast<std::size_t>(so3_tls_image_end - so3_tls_image);
  std::memcpy(block + tls_alignment, so3_tls_image, image);
  std::memset(block + tls_alignment + image, 0, static_cast<std::size_t>(so3_tls_end - so3_tls_image_end));
  return reinterpret_cast<std::uint64_t>(block);
}

void prepare_context(Context& context, std::byte* stack, std::size_t bytes, void (*entry)()) {
  std::byte* const top = stack + ((bytes - tls_bytes()) & ~(tls_alignment - 1));
  auto* const frame = reinterpret_cast<SwitchFrame*>(top) - 1;
  *frame = SwitchFrame{};
  frame->x30 = reinterpret_cast<std::uint64_t>(entry);
  context = {.sp = reinterpret_cast<std::uint64_t>(frame), .tpidr_el0 = init_tls(top)};
}

MemoryRange boot_stack() { return {so3_boot_guard, so3_boot_stack_top}; }

void set_boot_thread_local() { write_register(tpidr_el0, init_tls(so3_boot_tls)); }

}  // namespace arch
