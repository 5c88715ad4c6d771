// Access to system registers: one macro, and the layouts of those that are composed bit by bit.
// Layouts are plain types, so that the host's tests can check them.
#pragma once
#include <cstdint>

// A register by name (`read_register(esr_el2)`) or by encoding (`read_register(S3_0_C12_C12_0)`).
#define read_register(name)                                     \
  ({                                                            \
    std::uint64_t value_;                                       \
    asm volatile("mrs %0, " #name : "=r"(value_) : : "memory"); \
    value_;                                                     \
  })
#define write_register(name, value) \
  asm volatile("msr " #name ", %x0" : : "rZ"(static_cast<std::uint64_t>(value)) : "memory")
