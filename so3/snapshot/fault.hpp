// What can be wrong with a snapshot, and the one wording of it: the engine and the agency say the same.
#pragma once
#include <cstdint>
#include <span>
#include <string_view>

namespace snapshot {

enum class Fault : std::uint8_t {
  // the whole
  not_a_snapshot,
  version,
  machine,
  page_size,
  abi,
  truncated,
  trailing_bytes,
  length,
  digest,
  no_memory,
  stopped,
  // a section
  unknown_section,
  misplaced,
  missing_section,
  section_length,
  not_entries,
  empty_section,
  too_many,
  // a field
  not_zero,
  too_small,
  too_big,
  not_a_multiple,
  no_such_value,
  outside_ram,
  not_text,
  bad_path,
  repeated,
  page_count,
};

// Nothing in it comes from the stream but numbers.
struct Error {
  Fault fault{};
  std::string_view section{};
  std::string_view field{};
  std::uint64_t offset = 0;  // in the stream: of the field, else of the section
  std::uint64_t found = 0, limit = 0;
};

// One line without a newline, in `out`; cut when that is too short (256 bytes hold every message).
std::string_view message(const Error& error, std::span<char> out);

}  // namespace snapshot
