// Counting instructions from inside the machine. Under QEMU's `-icount shift=0` with a counter of 1 GHz the virtual
// counter goes up by one with each instruction of any CPU; while all of them sleep it jumps to the next timer.
#pragma once
#include <cstdint>

#include <so3/printk.h>

namespace bench {

[[gnu::always_inline]] inline std::uint64_t counter() {
  std::uint64_t value;
  asm volatile("mrs %0, cntvct_el0" : "=r"(value) : : "memory");
  return value;
}

// "BENCH <name> <value> <unit>" on the console is what `me bench` reads.
inline void report(const char* name, std::uint64_t value, const char* unit = "instructions") {
  printk("BENCH %s %llu %s\n", name, static_cast<unsigned long long>(value), unit);
}

// The mean, to the nearest whole instruction.
constexpr std::uint64_t mean(std::uint64_t total, std::uint64_t count) { return (total + count / 2) / count; }

// All that `count` runs took. The loop itself is in the result, as it is in that of an empty `operation`.
template <typename F>
[[gnu::always_inline]] inline std::uint64_t run(std::uint32_t count, F&& operation) {
  asm volatile("" : "+r"(count));  // one loop for any count
  const std::uint64_t begin = counter();
  for (; count != 0; --count) {
    operation();
    asm volatile("" : : : "memory");
  }
  return counter() - begin;
}

// The same without what an empty loop takes.
template <typename F>
[[gnu::always_inline]] inline std::uint64_t net(std::uint32_t count, F&& operation) {
  const std::uint64_t control = run(count, [] {});
  return run(count, operation) - control;
}

// The mean of `count` runs after one to warm up. The first run gets a row of its own, <name>_cold, where it is dearer
// than the mean by more than a tenth.
template <typename F>
inline void measure(const char* name, const char* cold_name, std::uint32_t count, F&& operation) {
  const std::uint64_t cold = net(1, operation);
  const std::uint64_t total = net(count, operation);
  const std::uint64_t steady = mean(total, std::uint64_t{count});
  report(name, steady);
  if (cold_name != nullptr && cold > steady + steady / 10) report(cold_name, cold);
}

}  // namespace bench
