// vbstore: a small tree of keys and values that the agency keeps and every domain shares.
//
// Each ME talks to the server through its store page: one stream of requests, one of answers and watch
// events, signalled on port_store. A message is a header and `length` bytes of payload; messages follow
// each other in the stream without gaps and may be longer than the ring.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "so3/abi/byte_ring.hpp"
#include "so3/abi/layout.hpp"
#include "so3/abi/status.hpp"

namespace abi::vbstore {

enum class Type : std::uint32_t {
  directory = 0,         // path -> names of the children, NUL-terminated, one after the other
  directory_exists = 1,  // path -> status only
  read = 2,              // path -> value
  watch = 3,             // path: a watch_event follows at once and after every change at or below the path
  unwatch = 4,           // path
  transaction_end = 5,   // operations (see Operation), all or none
  write = 6,             // path, value
  mkdir = 7,             // path; parents are made as needed
  rm = 8,                // path, with all below
  watch_event = 9,       // server -> client, id 0: path of the watch, path that changed
  agency_ctl = 10,       // AgencyCtlWords -> the same, answered; may take as long as a cooperation
};

// Payload: path and NUL, then the value (no NUL needed, its length is what remains).
// transaction_end: a sequence of Operation headers, each followed by path and NUL and value.
struct Header {
  std::uint32_t type;
  std::uint32_t id;      // chosen by the client, returned in the answer
  std::uint32_t length;  // of the payload
  std::int32_t status;   // Status in answers, 0 in requests
};
static_assert(sizeof(Header) == 16);

struct Operation {
  std::uint32_t type;    // write, mkdir or rm
  std::uint32_t length;  // of path, NUL and value
};

struct AgencyCtlWords {
  std::uint64_t command;   // abi::AgencyCtl
  std::uint64_t words[6];  // agency_ctl.hpp
};

inline constexpr std::size_t path_max = 255;    // bytes without the NUL; components of [A-Za-z0-9_.:@-], '/' between
inline constexpr std::size_t depth_max = 16;
inline constexpr std::size_t value_max = 1024;  // a description of 1,024 bytes passes
// The grammar of a path; "" is the root. component(start, end) is called for each as it is found; what it was told means
// nothing when the result is false.
template <typename F>
constexpr bool walk_path(std::string_view text, F component) {
  if (text.empty()) return true;
  if (text.size() > path_max) return false;
  std::size_t start = 0, depth = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const char c = i < text.size() ? text[i] : '/';
    if (c != '/') {
      const bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '_' ||
                           c == '-' || c == '.' || c == ':' || c == '@';
      if (!allowed) return false;
      continue;
    }
    if (i == start || ++depth > depth_max) return false;
    component(start, i);
    start = i + 1;
  }
  return true;
}
constexpr bool is_path(std::string_view text) {
  return walk_path(text, [](std::size_t, std::size_t) {});
}

inline constexpr std::size_t payload_max = 8192;
inline constexpr std::size_t keys_per_domain = 512;  // a domain's share, so that none starves the rest
inline constexpr std::size_t watches_per_domain = 64;

inline constexpr std::uint32_t ring_bytes = 1024;

struct StorePage {
  ByteRing<ring_bytes> requests;  // ME -> server
  ByteRing<ring_bytes> answers;  // server -> ME
};
static_assert(sizeof(StorePage) <= page_size);

// avz grants every ME's store page to the agency when the domain is created, under this reference: grant_map works
// before the ME runs. The grant ends with the domain. References of the ME's own begin after it.
inline constexpr std::uint64_t store_page_grant = 0;

// A domain reads everything and writes below these, <id> being its own slot:
//   device/<id>   backend/<type>/<id>   soo/me/<id>

}  // namespace abi::vbstore
