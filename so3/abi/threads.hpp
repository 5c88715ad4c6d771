// What a debugger or `me inspect` reads of the threads of a domain, in its memory (or a snapshot of it).
//
// ImageHeader::threads points at a ThreadDirectory. Virtual addresses are IPAs (layout.hpp). All of it is the domain's
// own word: a reader checks every pointer and stops after threads_max.
#pragma once
#include <cstdint>

namespace abi {

inline constexpr std::uint64_t thread_directory_magic = 0x7364'6165'7268'54;  // "Threads", NUL
inline constexpr std::uint32_t threads_max = 1024;

struct ThreadDirectory {
  std::uint64_t magic;
  std::uint32_t version;  // 1
  std::uint32_t count;
  std::uint64_t first;    // ThreadRecord, 0 = none
  std::uint64_t running;  // 0: the one in that state has the CPU; none while the domain idles
};
static_assert(sizeof(ThreadDirectory) == 32);

enum class ThreadState : std::uint32_t { ready = 0, running = 1, waiting = 2, sleeping = 3, ended = 4 };

struct ThreadRecord {
  std::uint64_t next;  // ThreadRecord, 0 = last
  char name[16];       // NUL-padded
  std::uint32_t state;     // ThreadState
  std::uint32_t priority;  // larger is more urgent
  std::uint64_t stack, stack_size;  // with the unmapped page at its lowest address
  std::uint64_t sp;    // where its registers are, while it is not running
};
static_assert(sizeof(ThreadRecord) == 56);

}  // namespace abi
