// The roles of the MEs.
#include <array>
#include <atomic>

#include "tests/target/avz_selftest/guest.hpp"

namespace selftest {
namespace {

void note_events(bool waited) {
  if (!waited) hypercall::acknowledge_interrupt();
  auto selected = std::atomic_ref{shared().selector}.exchange(0);
  if ((selected & abi::selector_timer) != 0) {
    progress().ticks = progress().ticks + 1;
    selected &= ~abi::selector_timer;
  }
  for (; selected != 0; selected &= selected - 1) {
    const auto word = static_cast<std::uint64_t>(__builtin_ctzll(selected));
    auto pending = std::atomic_ref{shared().pending[word]}.exchange(0);
    std::atomic_thread_fence(std::memory_order_seq_cst);  // shared_page.hpp: between the swaps and the handling
    for (; pending != 0; pending &= pending - 1) {
      const auto port = word * 64 + static_cast<std::uint64_t>(__builtin_ctzll(pending));
      if (port == progress().port) progress().events = progress().events + 1;
    }
  }
}

void park_if_asked() {
  if (std::atomic_ref{shared().stop_requested}.load() != 0) hypercall::vcpu_park();
}

[[noreturn]] void fail(std::uint64_t where) { hypercall::crash(abi::CrashReason::panic, where, 0); }

void open_port() {
  const auto port = hypercall::event_alloc(abi::agency_domain);
  if (!port) fail(1);
  progress().port = *port;
  progress().ready = 1;
}

[[noreturn]] void sleep() {
  open_port();
  mask_interrupts();
  for (;;) {
    hypercall::vcpu_wait();
    note_events(true);
  }
}

[[noreturn]] void spin() {
  open_port();
  unmask_interrupts();
  for (;;) asm volatile("yield");
}

[[noreturn]] void be_deaf() {
  std::atomic_ref{shared().critical}.store(1);
  open_port();
  for (;;) asm volatile("yield");
}

[[noreturn]] void keep() {
  open_port();
  unmask_interrupts();
  const std::uint64_t mine = orders.argument * 0x0101'0101'0101'0101u;
  asm volatile(
      "msr tpidr_el0, %0\n msr tpidrro_el0, %0\n msr tpidr_el1, %0\n msr csselr_el1, %2\n msr far_el1, %0\n"
      "msr sp_el0, %0\n fmov d7, %0\n fmov d31, %0\n msr fpcr, %1"
      :
      : "r"(mine), "r"((mine & 3) << 22), "r"(mine & 2));
  for (std::uint64_t n = 0;; n++) {
    std::uint64_t wrong = 0, v;
#define KEPT(reading, expected)    \
  asm volatile(reading : "=r"(v)); \
  wrong |= v ^ (expected)
    KEPT("mrs %0, tpidr_el0", mine);
    KEPT("mrs %0, tpidrro_el0", mine);
    KEPT("mrs %0, tpidr_el1", mine);
    KEPT("mrs %0, csselr_el1", mine & 2);
    KEPT("mrs %0, far_el1", mine);
    KEPT("mrs %0, sp_el0", mine);
    KEPT("fmov %0, d7", mine);
    KEPT("fmov %0, d31", mine);
    KEPT("mrs %0, fpcr", (mine & 3) << 22);
#undef KEPT
    if (wrong != 0) fail(wrong);
    progress().ticks = n;
    asm volatile("yield");
  }
}

// The RAM behind the image.
volatile std::uint64_t* free_words() { return reinterpret_cast<volatile std::uint64_t*>(memory_end); }
std::uint64_t free_word_count() {
  return (abi::ram_ipa + shared().ram_size - reinterpret_cast<std::uint64_t>(memory_end)) / 8;
}

[[noreturn]] void write_at_random() {
  const std::uint64_t words = free_word_count();
  for (std::uint64_t at = 0; at < words; at += abi::page_size / 16) free_words()[at] = at;
  open_port();
  unmask_interrupts();
  Random random{0x1234'5678'9abc'def1};
  for (std::uint64_t n = 0;; n++) {
    free_words()[random.next() % words] = n;
    progress().ticks = n;
  }
}

[[noreturn]] void grant_pages() {
  const auto first = (reinterpret_cast<std::uint64_t>(memory_end) + abi::page_size - 1) & ~(abi::page_size - 1);
  for (std::uint64_t i = 0; i < granted_pages; i++) {
    const auto page = first + i * abi::page_size;
    *reinterpret_cast<volatile std::uint64_t*>(page) = i;
    const auto reference = hypercall::grant_access(abi::agency_domain, page, abi::GrantFlags::none);
    if (!reference) fail(3);
    if (i == 0) progress().calls = *reference;
  }
  sleep();
}

[[noreturn]] void tick() {
  open_port();
  mask_interrupts();
  for (;;) {
    asm volatile("msr cntv_tval_el0, %0\n msr cntv_ctl_el0, %1\n isb" : : "r"(shared().counter_hz / 1000), "r"(1ul));
    hypercall::vcpu_wait();
    note_events(true);
  }
}

void mmu_off() { asm volatile("mrs x9, sctlr_el1\n bic x9, x9, #1\n msr sctlr_el1, x9\n isb" : : : "x9", "memory"); }
std::uint64_t read_at(std::uint64_t address) {
  std::uint64_t value;
  mmu_off();
  asm volatile("ldr %0, [%1]" : "=r"(value) : "r"(address) : "memory");
  return value;
}
void write_at(std::uint64_t address) {
  mmu_off();
  asm volatile("str xzr, [%0]" : : "r"(address) : "memory");
}
void pair_at(std::uint64_t address) {  // no syndrome for this one
  mmu_off();
  asm volatile("ldp x9, x10, [%0]" : : "r"(address) : "x9", "x10", "memory");
}
void jump_to(std::uint64_t address) {
  mmu_off();
  asm volatile("blr %0" : : "r"(address) : "x30", "memory");
}

#define SYSTEM(text) [] { asm volatile(text : : : "x9", "memory"); }
constexpr void (*offences[])() = {
    SYSTEM("smc #0"),
    SYSTEM("msr cntp_ctl_el0, xzr"),
    SYSTEM("mrs x9, cntpct_el0"),
    SYSTEM("mrs x9, pmcr_el0"),
    SYSTEM("mrs x9, pmccntr_el0"),
    SYSTEM("dc cisw, xzr"),
    SYSTEM("mrs x9, mdscr_el1"),
    SYSTEM("msr dbgbvr0_el1, xzr"),
    SYSTEM("msr actlr_el1, xzr"),
    SYSTEM("mrs x9, S3_0_C12_C12_0"),  // ICC_IAR1_EL1
    SYSTEM("msr S3_0_C12_C11_5, xzr"), // ICC_SGI1R_EL1
    SYSTEM("mrs x9, hcr_el2"),
    [] { static_cast<void>(read_at(0)); },
    [] { static_cast<void>(read_at(0x4020'0000)); },
    [] { write_at(0x0900'0000); },
    [] { write_at(abi::ram_ipa + shared().ram_size); },
    [] { pair_at(0x0800'0000); },
    [] { jump_to(0x4020'0000); },
    [] { jump_to(abi::shared_page_ipa); },
    [] { write_at(~std::uint64_t{0} << 4); },
};
#undef SYSTEM

[[noreturn]] void offend() {
  progress().ready = 1;
  if (orders.argument < std::size(offences)) offences[orders.argument]();
  fail(orders.argument);  // it was let through
}

// Any call, any registers: all that may happen is an answer. The calls that end or stop this ME by right are left out.
[[noreturn]] void babble() {
  using abi::Call;
  Random random{0x9e37'79b9'7f4a'7c15 + orders.argument};
  progress().ready = 1;
  for (int i = 0; i < 20'000; i++) {
    Registers r;
    for (auto& x : r.x) {
      x = random.next();
      switch (x & 7) {  // near what is valid, as often as far from it
        case 0: x = x >> 60; break;
        case 1: x = x >> 32 & 0xffff; break;
        case 2: x = abi::domain_base + (x >> 40 & ~std::uint64_t{0xfff}); break;
        case 3: x = ~std::uint64_t{0} - (x >> 60); break;
        default: break;
      }
    }
    const auto number = random.next() % (abi::call_count + 8);
    if (number == static_cast<std::uint64_t>(Call::crash) || number == static_cast<std::uint64_t>(Call::vcpu_wait) ||
        number == static_cast<std::uint64_t>(Call::set_state) ||
        number == static_cast<std::uint64_t>(Call::console_write))
      continue;
    r.x[0] = abi::hypercall_base + number;
    call_with(&r);
    progress().calls = progress().calls + 1;
  }
  progress().ready = 2;
  for (;;) hypercall::vcpu_wait();
}

void compute(std::uint64_t milliseconds) {
  std::uint64_t begin, now;
  asm volatile("mrs %0, cntvct_el0" : "=r"(begin));
  do asm volatile("mrs %0, cntvct_el0" : "=r"(now));
  while (now - begin < shared().counter_hz / 1000 * milliseconds);
}

[[noreturn]] void offer_domcalls() {
  if (!hypercall::domcall_register(reinterpret_cast<std::uint64_t>(domcall_entry),
                                   reinterpret_cast<std::uint64_t>(domcall_stack_top)))
    fail(2);
  switch (orders.argument) {
    case 1: spin();
    case 2: be_deaf();
    default: sleep();
  }
}

}  // namespace

[[noreturn]] void run_me() {
  switch (orders.role) {
    case Role::sleeper: sleep();
    case Role::spinner: spin();
    case Role::deaf: be_deaf();
    case Role::keeper: keep();
    case Role::timer: tick();
    case Role::offender: offend();
    case Role::babbler: babble();
    case Role::domcalls: offer_domcalls();
    case Role::writer: write_at_random();
    case Role::granter: grant_pages();
    case Role::agency: break;
  }
  fail(0);
}

}  // namespace selftest

namespace selftest {
namespace {

#define SEEN(name)                             \
  ({                                           \
    std::uint64_t v_;                          \
    asm volatile("mrs %0, " #name : "=r"(v_)); \
    v_;                                        \
  })
#define SET(name, value) asm volatile("msr " #name ", %0" : : "r"(std::uint64_t{value}))

// What the agency left in registers that a domcall can read.
std::uint64_t foreign_registers() {
  return SEEN(tpidr_el0) | SEEN(tpidrro_el0) | SEEN(sp_el0) | SEEN(elr_el1) | SEEN(spsr_el1) | SEEN(cntv_cval_el0) |
         (SEEN(cntv_ctl_el0) & 1) | SEEN(far_el1) | SEEN(esr_el1) | SEEN(contextidr_el1) | (SEEN(par_el1) & ~0x800ull);
}

void change_registers() {
  SET(contextidr_el1, 0x77);
  SET(cpacr_el1, 0);
  SET(csselr_el1, 2);
  SET(mair_el1, SEEN(mair_el1) | 0x4400);
  SET(tpidr_el0, 0x77);
  SET(tpidr_el1, 0x77);
  SET(tpidrro_el0, 0x77);
  SET(sp_el0, 0x70);
  SET(vbar_el1, 0x7000);
  SET(elr_el1, 0x77);
  SET(far_el1, 0x77);
  SET(cntkctl_el1, 3);
  SET(cntv_cval_el0, 1ull << 60);
  SET(cntv_ctl_el0, 1);
}

bool changed_registers() {
  return SEEN(contextidr_el1) == 0x77 && SEEN(cpacr_el1) == 0 && SEEN(csselr_el1) == 2 && SEEN(vbar_el1) == 0x7000 &&
         SEEN(tpidr_el0) == 0x77 && SEEN(far_el1) == 0x77 && (SEEN(cntv_ctl_el0) & 1) == 1;
}

}  // namespace
}  // namespace selftest

extern "C" {

void interrupt() {
  selftest::note_events(false);
  if (std::atomic_ref{selftest::shared().critical}.load() == 0) selftest::park_if_asked();
}

// What the agency's tests ask for by the first payload word.
[[noreturn]] void domcall(std::uint64_t number, std::uint64_t what, std::uint64_t a, std::uint64_t b) {
  using namespace selftest;
  progress().domcalls = progress().domcalls + 1;
  if (number == static_cast<std::uint64_t>(abi::Domcall::null)) hypercall::domcall_return(0, {});
  switch (what) {
    case 1: hypercall::domcall_return(static_cast<std::int64_t>(a + b), {a, b});
    case 2: {  // FP starts from zero and is not the agency's
      std::uint64_t old;
      asm volatile("fmov %0, d9\n fmov d9, %1" : "=r"(old) : "r"(a));
      hypercall::domcall_return(static_cast<std::int64_t>(old), {});
    }
    case 3: {  // a request, with FP live across it
      std::uint64_t kept;
      asm volatile("fmov d10, %0" : : "r"(a));
      const auto answer = hypercall::domcall_request(0x20, {a, b});
      asm volatile("fmov %0, d10" : "=r"(kept));
      hypercall::domcall_return(answer && kept == a ? static_cast<std::int64_t>((*answer)[0]) : -1, {});
    }
    case 4: asm volatile("smc #0"); break;
    case 5: hypercall::vcpu_wait(); break;
    case 6:
      for (;;) asm volatile("");
    case 7: hypercall::crash(abi::CrashReason::panic, 7, 0);
    case 10: hypercall::domcall_return(static_cast<std::int64_t>(foreign_registers()), {});
    case 11: {  // all of them, and a request while they are changed
      change_registers();
      const auto answer = hypercall::domcall_request(0x20, {});
      hypercall::domcall_return(changed_registers() ? static_cast<std::int64_t>((*answer)[0]) : -1, {});
    }
    case 12: {  // a page that was lent, at `a`
      auto* const word = reinterpret_cast<volatile std::uint64_t*>(a);
      *word = *word + b;
      hypercall::domcall_return(static_cast<std::int64_t>(*word), {});
    }
    case 13:  // `b` into as many pages behind the image
      for (std::uint64_t i = 0; i < a; i++) free_words()[i * abi::page_size / 8] = b;
      hypercall::domcall_return(0, {});
    case 8:  // computes most of its time, asks, and computes as long again
      compute(a);
      static_cast<void>(hypercall::domcall_request(0x20, {}));
      compute(a);
      hypercall::domcall_return(0, {});
    default: break;
  }
  hypercall::domcall_return(-2, {});
}
}
