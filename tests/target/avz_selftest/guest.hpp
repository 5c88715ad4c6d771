// What both roles of the self-test's image use: the console, numbers, the raw hypercall, the capsule's page.
#pragma once
#include <cstdint>

#include "so3/abi/shared_page.hpp"
#include "so3/abi/vbstore.hpp"
#include "so3/guest/hypercall.hpp"

namespace selftest {

// What an ME does. Handed over at `orders`, which the agency writes into its copy of the image.
enum class Role : std::uint32_t {
  agency = 0,
  sleeper,     // waits for events, counts them
  spinner,     // computes for ever, interrupts on
  deaf,        // the same with interrupts masked and `critical` raised: never parks
  keeper,      // holds patterns in FP and system registers, for ever, and crashes when one changes
  timer,       // takes virtual timer interrupts
  offender,    // does `argument`-th forbidden thing
  babbler,     // hypercalls with random registers, then `done`
  domcalls,    // registers a domcall entry, then sleeps
  writer,      // writes random words all over its free RAM, for ever
  granter,     // fills granted_pages pages, grants them to the agency from reference `calls` on, then sleeps
};

inline constexpr std::uint64_t granted_pages = 64;

struct Orders {
  Role role;
  std::uint32_t argument;
};
extern Orders orders;

// Where an ME shows the agency how far it is: the store page, which the agency may map from the start.
struct Progress {
  volatile std::uint64_t ready, port, events, ticks, domcalls, calls;
};
inline Progress& progress() { return *reinterpret_cast<Progress*>(abi::store_page_ipa); }

inline abi::SharedPage& shared() { return *reinterpret_cast<abi::SharedPage*>(abi::shared_page_ipa); }

struct Registers {
  std::uint64_t x[8];
};
extern "C" {
void call_with(Registers*);
std::uint64_t call_keeps_registers(std::uint64_t function_id);
[[noreturn]] void domcall_entry();
extern char domcall_stack_top[];
extern char memory_end[];
}

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_{seed} {}
  std::uint64_t next() {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    return state_ ^= state_ << 17;
  }

 private:
  std::uint64_t state_;
};

void say(const char* text);
void say(const char* text, std::uint64_t number);

inline void mask_interrupts() { asm volatile("msr daifset, #2" : : : "memory"); }
inline void unmask_interrupts() { asm volatile("msr daifclr, #2" : : : "memory"); }

[[noreturn]] void run_me();
void run_agency();

}  // namespace selftest
