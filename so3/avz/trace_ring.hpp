// The records of one CPU: written by it, taken by the agency's. Neither waits for the other.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "so3/abi/layout.hpp"
#include "so3/abi/trace.hpp"
#include "so3/avz/pages.hpp"
#include "so3/avz/place.hpp"

namespace avz {

class TraceRing {
 public:
  static constexpr std::uint32_t pages = 32;
  static constexpr std::uint32_t records_per_page = abi::page_size / sizeof(abi::trace::Record);
  static constexpr std::uint32_t capacity = pages * records_per_page;

  // While nobody writes or reads. `reservation` has the pages.
  void start(Reservation& reservation, std::uint32_t cpu, abi::trace::Flags flags, TimeScale scale);
  void end(Pages& owner);
  bool started() const { return page_[0] != nullptr; }
  // What is recorded from here on.
  void set_flags(abi::trace::Flags flags) { flags_ = flags; }

  // On its own CPU.
  void write(abi::trace::Kind kind, std::uint32_t slot, std::uint32_t number, std::uint64_t value0 = 0,
             std::uint64_t value1 = 0);

  // On the agency's CPU: the oldest record; false: there is none.
  [[nodiscard]] bool take(abi::trace::Record& record);
  // How many had no room since the last call.
  std::uint64_t take_lost() { return lost_.exchange(0, std::memory_order_relaxed); }

 private:
  abi::trace::Record& at(std::uint32_t index) {
    return page_[index / records_per_page % pages][index % records_per_page];
  }

  std::array<abi::trace::Record*, pages> page_{};
  TimeScale scale_{};
  std::atomic<abi::trace::Flags> flags_{abi::trace::Flags::none};
  std::uint8_t cpu_ = 0;
  // Run freely; the difference is what there is.
  std::atomic<std::uint32_t> written_{0}, taken_{0};
  std::atomic<std::uint64_t> lost_{0};
};

}  // namespace avz
