// A reader of flattened device trees (Devicetree Specification 0.4, chapter 5): a walk over the structure block
// in which nothing outside the blob is touched, whatever it says. Without allocation, usable before avz has memory.
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace avz {

class FdtWalk {
 public:
  enum class Event : std::uint8_t { node, property, end_node, end, malformed };

  // nullopt: not a device tree of version 17, or its header points outside `blob`.
  static std::optional<FdtWalk> over(std::span<const std::uint8_t> blob);
  // The size the header claims, to know how much there is to look at; 0: no device tree here.
  static std::uint32_t total_size(const std::uint8_t* header);

  // After `malformed` or `end` it stays there.
  Event next();

  std::string_view name() const { return name_; }               // of the node or property
  std::span<const std::uint8_t> value() const { return value_; }  // of the property
  std::uint32_t depth() const { return depth_; }                // of the node entered last: 0 = root

 private:
  Event fail();

  std::span<const std::uint8_t> structure_, strings_;
  std::size_t at_ = 0;
  std::uint32_t open_ = 0;  // nodes entered and not left
  std::uint32_t depth_ = 0;
  bool done_ = false, failed_ = false;
  std::string_view name_;
  std::span<const std::uint8_t> value_;
};

// Cells: big-endian 32-bit words. `cells` is 1 or 2; nullopt: the value is too short.
std::optional<std::uint64_t> fdt_cells(std::span<const std::uint8_t> value, std::size_t first, std::uint32_t cells);
// A string property without its NUL; what follows a NUL is ignored.
std::string_view fdt_string(std::span<const std::uint8_t> value);

}  // namespace avz
