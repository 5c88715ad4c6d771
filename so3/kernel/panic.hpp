// The end of the domain, with a report.
#pragma once
#include <cstdint>

#include "so3/abi/hypercall.hpp"

namespace kernel {

// Prints the message and a backtrace of the caller, then tells avz.
[[noreturn, gnu::format(printf, 2, 3)]] void die(abi::CrashReason reason, const char* format, ...);

// For die() and exceptions. A second report while one is being made ends the domain at once.
void begin_report();

// "<prefix>0x1000200a40 name+0x24\n"
void print_symbol(const char* prefix, std::uint64_t pc);

// May this much be read there without a fault?
bool readable(std::uint64_t address, std::uint64_t bytes);

void print_backtrace(std::uint64_t pc, std::uint64_t frame_pointer);

}  // namespace kernel
