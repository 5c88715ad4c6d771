// An ME of the soak, as the host knows it: what it must have in its memory, and where it is.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "tests/target/traveller/memory.hpp"

namespace me::soak {

struct Traveller {
  using Clock = std::chrono::steady_clock;

  std::uint64_t instance = 0;
  std::uint64_t epoch = 0;
  std::size_t place = 0;
  std::uint32_t slot = 0;
  // What tests/target/traveller keeps; the other kind, tests/target/nomad, looks at itself.
  std::unique_ptr<traveller::Memory> memory;
  unsigned trips = 0;
  Clock::time_point born = Clock::now();  // no later than the ME

  bool tells() const { return memory != nullptr; }
  Traveller copy() const {
    return {.instance = instance,
            .epoch = epoch,
            .place = place,
            .slot = slot,
            .memory = memory ? std::make_unique<traveller::Memory>(*memory) : nullptr,
            .trips = trips,
            .born = born};
  }
  // Holds what it says of itself against what must be so: "active hop 3 count 640 checksum 0123456789abcdef intact ...".
  [[nodiscard]] engine::Result<> check(std::string_view said, std::string_view place_name);
};

}  // namespace me::soak
