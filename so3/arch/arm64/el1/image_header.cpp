// The first bytes of the image; start.S follows them directly.
#include "so3/abi/image.hpp"
#include "so3/abi/layout.hpp"
#include "so3/abi/threads.hpp"
#include "so3/abi/version.hpp"

extern "C" const char so3_file_size[], so3_memory_size[];  // absolute symbols of capsule.ld
extern "C" abi::ThreadDirectory so3_threads;               // of the scheduler

namespace {

constexpr std::uint32_t branch_over_header = 0x1400'0000 | sizeof(abi::ImageHeader) / 4;  // b .+48

}  // namespace

extern "C" {
[[gnu::section(".head"), gnu::used]] extern const abi::ImageHeader so3_image_header = {
    .branch = branch_over_header,
    .abi_version = abi::version,
    .magic = abi::image_magic,
    .load_address = abi::ram_ipa,
    .file_size = reinterpret_cast<std::uint64_t>(so3_file_size),
    .memory_size = reinterpret_cast<std::uint64_t>(so3_memory_size),
    .threads = reinterpret_cast<std::uint64_t>(&so3_threads),
};
}
