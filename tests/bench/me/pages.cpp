// What a snapshot costs the ME that goes on: the agency froze it just now.
#include <array>

#include "so3/abi/layout.hpp"
#include "tests/bench/me/parts.hpp"
#include "tests/bench/measure.hpp"

namespace bench {
namespace {

constexpr std::uint32_t pages = 8;
alignas(abi::page_size) std::array<std::array<std::uint8_t, abi::page_size>, pages> memory;

}  // namespace

void touch_pages() {
  for (auto& page : memory) page[0] = 1;
}

void measure_writes_to_pages() {
  std::uint32_t i = 0;
  const auto write = [&i] { const_cast<volatile std::uint8_t&>(memory[i++ % pages][0]) = 2; };
  const std::uint64_t first = run(pages, write);
  const std::uint64_t again = run(pages, write);
  report("snapshot_fault_per_page", mean(first - again, pages));
}

}  // namespace bench
