// From a device tree to a Machine, with every property checked: pure, so that tests and fuzzers run it on the host.
#pragma once
#include <array>
#include <cstdint>
#include <expected>
#include <span>
#include <string_view>

#include "so3/avz/cpu.hpp"
#include "so3/avz/machine.hpp"

namespace avz {

struct MachineDescription {
  Machine machine;                             // without image and GIC version, which the tree does not tell
  std::array<std::uint64_t, max_cpus> mpidr{};  // of each CPU that is used, as the tree lists them
  std::uint32_t cpus_listed = 0;
};

// An error is the sentence to show.
std::expected<MachineDescription, std::string_view> read_machine(std::span<const std::uint8_t> dtb);

}  // namespace avz
