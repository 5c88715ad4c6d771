// The capsules that QEMU's loader put into the host window before the machine started.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

namespace bench {

// Offsets in the window, as `me bench` tells QEMU.
inline constexpr std::uint64_t bench_me_offset = 0;
inline constexpr std::uint64_t refso3_offset = 0x80'0000;

// The file at an offset; empty when none is there.
std::span<std::byte> capsule_at(std::uint64_t offset);

// Writes another domain-size into a capsule, and the hash that it then has. False: that is no capsule.
[[nodiscard]] bool set_domain_size(std::span<std::byte> capsule, std::uint32_t bytes);

}  // namespace bench
