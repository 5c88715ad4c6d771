// The first bytes of a capsule's raw image, as toolchain/link/capsule.ld lays them out.
// The loader checks them against the .itb's own properties before anything is allocated.
#pragma once
#include <cstddef>
#include <cstdint>

namespace abi {

inline constexpr std::uint64_t image_magic = 0x656c'7573'7061'432e;  // ".Capsule", little-endian

struct ImageHeader {
  std::uint32_t branch;        // b _start: the image is entered at its first byte
  std::uint32_t abi_version;   // abi::version it was built with
  std::uint64_t magic;
  std::uint64_t load_address;  // ram_ipa
  std::uint64_t file_size;     // bytes in the file
  std::uint64_t memory_size;   // with .bss and boot stack; heap and threads come on top
  std::uint64_t threads;       // ThreadDirectory (threads.hpp), 0 = none
};
static_assert(sizeof(ImageHeader) == 48);

// Properties of the image node of type "ME" in the .itb (me-api.md 8 has the rest).
inline constexpr char fit_abi_property[] = "so3,abi-version";  // one u32 cell

}  // namespace abi
