// What a domcall runs on.
#include "so3/kernel/domcall.hpp"

#include "so3/arch/arm64/el1/layout.hpp"
#include "so3/arch/arm64/el1/thread_local.hpp"

extern "C" {
std::uint64_t domcall_tpidr_el0;
void arch_domcall_entry();
}

namespace kernel {

std::uint64_t domcall_entry() {
  domcall_tpidr_el0 = arch::init_tls(so3_domcall_tls);
  return reinterpret_cast<std::uint64_t>(&arch_domcall_entry);
}

std::uint64_t domcall_stack_top() { return reinterpret_cast<std::uint64_t>(so3_domcall_stack_top); }

}  // namespace kernel
