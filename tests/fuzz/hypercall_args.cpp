// Hypercalls with arguments from outside, in sequences: no value and no order breaks avz or its books.
#include <cstdint>
#include <memory>
#include <span>

#include "tests/fuzz/hypercall_world.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto world = std::make_unique<fuzz::World>();
  for (std::span<const std::uint8_t> rest{data, size}; rest.size() >= fuzz::bytes_per_call;
       rest = rest.subspan(fuzz::bytes_per_call)) {
    world->call(rest.first<fuzz::bytes_per_call>());
    world->check();
  }
  return 0;
}
