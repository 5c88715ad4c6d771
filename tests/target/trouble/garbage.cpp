#include <cstdint>
#include <iterator>

#include "so3/abi/hypercall.hpp"
#include "so3/abi/shared_page.hpp"
#include "tests/target/trouble/trouble.hpp"

namespace {

void hypercall(std::uint64_t function, std::uint64_t argument) {
  register std::uint64_t x0 asm("x0") = function;
  register std::uint64_t x1 asm("x1") = argument;
  register std::uint64_t x2 asm("x2") = ~argument;
  register std::uint64_t x3 asm("x3") = argument * 3;
  register std::uint64_t x4 asm("x4") = argument ^ 0x5555'5555'5555'5555;
  register std::uint64_t x5 asm("x5") = argument;
  register std::uint64_t x6 asm("x6") = ~argument;
  register std::uint64_t x7 asm("x7") = argument;
  asm volatile("hvc #0"
               : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3), "+r"(x4), "+r"(x5), "+r"(x6), "+r"(x7)
               :
               : "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17", "memory");
}

constexpr bool returns(std::uint32_t number) {
  using abi::Call;
  switch (static_cast<Call>(number)) {
    case Call::vcpu_wait:
    case Call::crash:
    case Call::event_close:      // could close this ME's own way to the store
    case Call::domcall_register: // could take the callbacks away
    case Call::console_write: return false;
    default: return true;
  }
}

}  // namespace

void signal_without_end() {
  for (;;) hypercall(abi::function_id(abi::Call::event_send), abi::port_store);
}

unsigned make_garbage_hypercalls() {
  constexpr std::uint64_t arguments[] = {0,
                                         1,
                                         2,
                                         4095,
                                         4096,
                                         0x10'0020'0000,
                                         0x4020'0000,
                                         0x7fff'ffff,
                                         0x8000'0000,
                                         0xffff'ffff,
                                         0x8000'0000'0000'0000,
                                         0xffff'ffff'ffff'f000,
                                         ~std::uint64_t{0}};
  unsigned made = 0;
  for (std::uint32_t number = 0; number < abi::call_count + 16; ++number) {
    if (!returns(number)) continue;
    for (const auto argument : arguments) {
      hypercall(abi::hypercall_base + number, argument);
      hypercall((argument << 32) | (abi::hypercall_base + number), argument);
      made += 2;
    }
  }
  for (const auto argument : arguments) hypercall(argument, argument), ++made;
  return made;
}
