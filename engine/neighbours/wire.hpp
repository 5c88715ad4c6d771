// What two engines say to each other over one stream of bytes: who they are, then what their agencies have to say
// (so3/abi/transfer.hpp), and why they leave. Little-endian, like the link.
#pragma once
#include <cstdint>

#include "so3/abi/link.hpp"

namespace engine::neighbours {

inline constexpr std::uint32_t greeting_magic = 0x6867'694e;  // "Nigh", little-endian
inline constexpr std::uint32_t wire_version = 1;
inline constexpr std::uint32_t length_max = abi::link::length_max - sizeof(abi::link::Peer);

enum class Type : std::uint32_t {
  greeting = 1,  // Greeting; first, once, from both sides
  message = 2,   // of agency to agency
  farewell = 3,  // Farewell, then text; last
};

struct Head {
  std::uint32_t type;
  std::uint32_t length;
};

struct Greeting {
  std::uint32_t magic, version;
  std::uint64_t agency_uid;
  std::uint64_t boot_id;
  std::uint32_t asked;  // 1: this side wanted the link. Of two links made at once, one must go
  std::uint32_t reserved;
  char name[16];  // NUL-padded
};
static_assert(sizeof(Greeting) == 48);

enum class Leave : std::uint32_t {
  ended = 1,     // the smart object has ended, with all it had
  unlinked = 2,  // somebody wanted it so
  refused = 3,   // the other side broke a rule, or cannot be a neighbour
};

struct Farewell {
  std::uint32_t leave;
  std::uint32_t reserved;
};

}  // namespace engine::neighbours
