// The version of everything in this folder, stamped into every capsule image and checked before it runs.
#pragma once
#include <cstdint>

namespace abi {

// Same major: a capsule runs. Larger minor in the capsule than in avz: refused, it may need what is not there.
inline constexpr std::uint16_t version_major = 1;
inline constexpr std::uint16_t version_minor = 1;
inline constexpr std::uint32_t version = (std::uint32_t{version_major} << 16) | version_minor;

constexpr bool runs_on(std::uint32_t capsule, std::uint32_t host) {
  return (capsule >> 16) == (host >> 16) && (capsule & 0xffff) <= (host & 0xffff);
}

}  // namespace abi
