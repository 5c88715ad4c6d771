// Reports of exceptions that end the domain.
#include <cstddef>
#include <cstdint>

#include "so3/abi/layout.hpp"
#include "so3/arch/address_space.hpp"
#include "so3/arch/arm64/el1/frame.h"
#include "so3/arch/arm64/el1/layout.hpp"
#include "so3/arch/arm64/el1/syndrome.hpp"
#include "so3/kernel/domcall.hpp"
#include "so3/kernel/include/so3/domcall.h"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/panic.hpp"
#include "so3/kernel/platform.hpp"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/symbols.hpp"

namespace arch {
namespace {

struct ExceptionFrame {
  std::uint64_t x[31];
  std::uint64_t sp;
  std::uint64_t elr, spsr, esr, far;
};
static_assert(offsetof(ExceptionFrame, sp) == FRAME_SP && offsetof(ExceptionFrame, elr) == FRAME_ELR);
static_assert(offsetof(ExceptionFrame, esr) == FRAME_ESR && sizeof(ExceptionFrame) == FRAME_BYTES);

std::uint64_t address(const std::byte* p) { return reinterpret_cast<std::uint64_t>(p); }
bool in(std::uint64_t at, const std::byte* from, std::uint64_t bytes) { return at - address(from) < bytes; }

// Whose guard page is that? Prints it and says true.
bool explain_guard(std::uint64_t at) {
  const auto guard = abi::page_size;
  for (const kernel::Thread* t = kernel::first_thread(); t != nullptr; t = t->next_of_all) {
    if (t->stack == nullptr || !in(at, t->stack, guard)) continue;
    lprintk("  The stack of thread \"%s\" overflowed: it has %zu bytes.", t->name, t->stack_bytes - guard);
    lprintk(" Use less, or create it with kernel_thread_sized() or so3::ThreadOptions::stack_bytes.\n");
    return true;
  }
  if (in(at, so3_interrupt_guard, guard)) lprintk("  The interrupt stack overflowed.\n");
  else if (in(at, so3_domcall_guard, guard)) lprintk("  The stack of the domcall overflowed.\n");
  else return false;
  return true;
}

void explain_address(const Syndrome& s, std::uint64_t at) {
  const char* const verb = s.is_instruction() ? "executing" : s.write() ? "writing" : "reading";
  lprintk("  %s 0x%llx: ", verb, static_cast<unsigned long long>(at));
  if (s.alignment()) lprintk("misaligned\n");
  else if (at < abi::page_size) lprintk("a null pointer\n");
  else if (s.permission() && s.is_instruction()) lprintk("data is never executed\n");
  else if (s.permission())
    lprintk("%s\n", at - abi::ram_ipa < address(so3_rodata_end) - abi::ram_ipa ? "code and constants are read only"
                                                                               : "read only");
  else if (at - abi::domain_base < abi::ram_ipa - abi::domain_base || at - abi::ram_ipa < kernel::shared().ram_size)
    lprintk("inside this domain, but not mapped\n");
  else lprintk("not this domain's memory\n");
  explain_guard(at);
}

void print_registers(const ExceptionFrame& f) {
  for (unsigned i = 0; i < 31; ++i)
    lprintk("%sx%-2u %016llx%s", i % 4 == 0 ? "  " : " ", i, static_cast<unsigned long long>(f.x[i]),
            i % 4 == 3 ? "\n" : "");
  lprintk(" sp  %016llx\n  pc  %016llx pstate %llx esr %llx far %llx\n", static_cast<unsigned long long>(f.sp),
          static_cast<unsigned long long>(f.elr), static_cast<unsigned long long>(f.spsr),
          static_cast<unsigned long long>(f.esr), static_cast<unsigned long long>(f.far));
}

extern "C" [[noreturn]] void arch_exception(const ExceptionFrame& f, unsigned kind) {
  kernel::begin_report();
  const Syndrome s{f.esr};
  const char* const what = kind == FRAME_SYNC     ? name(s.exception_class())
                           : kind == FRAME_SERROR ? "SError"
                           : kind == FRAME_LOWER  ? "exception from EL0"
                                                  : "interrupt where there can be none";
  lprintk("\nunhandled exception: %s in thread \"%s\"%s\n", what, kernel::current_thread().name,
          kernel::scheduler.in_interrupt ? ", in an interrupt handler" : "");
  if (kind == FRAME_SYNC && s.is_abort() && s.address_valid()) explain_address(s, f.far);
  if (kind == FRAME_SYNC && s.exception_class() == ExceptionClass::brk) lprintk("  BRK #0x%x\n", s.brk_number());
  if (s.is_instruction()) kernel::print_symbol("  called from ", f.x[30] - 4);
  kernel::print_backtrace(f.elr, f.x[29]);
  print_registers(f);
  kernel::platform::crash(abi::CrashReason::exception, f.elr, f.far);
}

}  // namespace
}  // namespace arch

namespace kernel {

void print_symbol(const char* prefix, std::uint64_t pc) {
  const auto text_end = reinterpret_cast<std::uint64_t>(so3_text_end);
  const SymbolTable* table = &so3_symbol_table;
  asm("" : "+r"(table));  // larger than its header, which is all the compiler sees
  const Symbol s = pc >= abi::ram_ipa && pc < text_end ? find_symbol(*table, pc - abi::ram_ipa) : Symbol{};
  const auto shown = static_cast<unsigned long long>(pc);
  if (s.name.front() == '\0') lprintk("%s0x%llx\n", prefix, shown);
  else lprintk("%s0x%llx %s+0x%llx\n", prefix, shown, s.name.data(), static_cast<unsigned long long>(s.offset));
}

bool readable(std::uint64_t at, std::uint64_t bytes) {
  if (at < abi::ram_ipa || at - abi::ram_ipa > shared().ram_size - bytes) return false;
  return arch::lookup(at).has_value() && arch::lookup(at + bytes - 1).has_value();
}

}  // namespace kernel
