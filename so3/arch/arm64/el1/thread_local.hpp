// Thread-local data of C and C++: local-exec, found from TPIDR_EL0.
#pragma once
#include <cstddef>
#include <cstdint>

namespace arch {

inline constexpr std::size_t tls_alignment = 64;

std::size_t tls_bytes();

// Fills a block of tls_bytes(), aligned to tls_alignment, and returns its TPIDR_EL0.
std::uint64_t init_tls(std::byte* block);

}  // namespace arch
