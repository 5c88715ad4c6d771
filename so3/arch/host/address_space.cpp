// The host's memory as it is: no guard pages, AddressSanitizer watches the stacks.
#include "so3/arch/address_space.hpp"

#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/panic.hpp"
#include "so3/kernel/shared.hpp"

namespace arch {

void replace_live(std::uint64_t& descriptor, std::uint64_t to) { descriptor = to; }

MapResult map_device(std::uint64_t, std::uint64_t) { return {}; }
MapResult map_normal(std::uint64_t, std::uint64_t) { return {}; }
MapResult guard_page(std::byte*) { return {}; }
void unguard_page(std::byte*) {}

}  // namespace arch

namespace kernel {

abi::SharedPage host_shared_page;

void print_symbol(const char* prefix, std::uint64_t pc) {
  lprintk("%s0x%llx\n", prefix, static_cast<unsigned long long>(pc));
}

bool readable(std::uint64_t, std::uint64_t) { return false; }

}  // namespace kernel
