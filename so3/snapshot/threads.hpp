// The threads of a domain, read from its memory (abi/threads.hpp): a live one's, or that in a snapshot.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "so3/abi/threads.hpp"

namespace snapshot {

class Memory {
 public:
  // False: not all of it is there.
  virtual bool read(std::uint64_t address, std::span<std::byte> to) const = 0;

 protected:
  ~Memory() = default;
};

struct Threads {
  std::vector<abi::ThreadRecord> records;  // names end with a NUL, states exist; the rest is the domain's word
  std::string_view trouble;                // why there are no more; empty: all is well
  std::uint64_t where = 0;                 // of the trouble
};

// Whatever is in memory, it comes to an end.
Threads read_threads(const Memory& memory, std::uint64_t directory);

std::string_view name(abi::ThreadState state);

}  // namespace snapshot
