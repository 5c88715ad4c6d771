#include "so3/avz/fdt.hpp"

namespace avz {
namespace {

constexpr std::uint32_t magic = 0xd00d'feed, begin_node = 1, end_node = 2, prop = 3, nop = 4, end_tree = 9;
constexpr std::size_t header_bytes = 40;
constexpr std::uint32_t max_depth = 64;

std::uint32_t word(const std::uint8_t* p) {
  return static_cast<std::uint32_t>(p[0]) << 24 | static_cast<std::uint32_t>(p[1]) << 16 |
         static_cast<std::uint32_t>(p[2]) << 8 | p[3];
}

// The string at `at`, if it ends within `bytes`.
std::optional<std::string_view> string_at(std::span<const std::uint8_t> bytes, std::size_t at) {
  for (std::size_t i = at; i < bytes.size(); i++)
    if (bytes[i] == 0) return std::string_view(reinterpret_cast<const char*>(bytes.data()) + at, i - at);
  return std::nullopt;
}

std::optional<std::span<const std::uint8_t>> block(std::span<const std::uint8_t> blob, std::uint32_t offset,
                                                   std::uint32_t size) {
  if (offset < header_bytes || offset > blob.size() || size > blob.size() - offset) return std::nullopt;
  return blob.subspan(offset, size);
}

}  // namespace

std::uint32_t FdtWalk::total_size(const std::uint8_t* header) {
  return word(header) == magic && word(header + 4) >= header_bytes ? word(header + 4) : 0;
}

std::optional<FdtWalk> FdtWalk::over(std::span<const std::uint8_t> blob) {
  if (blob.size() < header_bytes || total_size(blob.data()) == 0 || total_size(blob.data()) > blob.size()) return {};
  const std::uint8_t* h = blob.data();
  blob = blob.first(total_size(h));
  if (word(h + 20) < 17 || word(h + 24) > 17) return {};
  const auto structure = block(blob, word(h + 8), word(h + 36));
  const auto strings = block(blob, word(h + 12), word(h + 32));
  if (!structure || !strings || word(h + 8) % 4 != 0) return {};
  FdtWalk walk;
  walk.structure_ = *structure;
  walk.strings_ = *strings;
  return walk;
}

FdtWalk::Event FdtWalk::fail() {
  failed_ = true;
  return Event::malformed;
}

FdtWalk::Event FdtWalk::next() {
  if (done_) return Event::end;
  if (failed_) return Event::malformed;
  for (;;) {
    if (structure_.size() - at_ < 4) return fail();
    const auto token = word(structure_.data() + at_);
    at_ += 4;
    switch (token) {
      case nop: continue;
      case begin_node: {
        const auto name = string_at(structure_, at_);
        if (!name || open_ == max_depth || (open_ == 0 && depth_ != 0)) return fail();
        at_ = (at_ + name->size() + 1 + 3) & ~std::size_t{3};
        if (at_ > structure_.size()) return fail();
        name_ = *name;
        depth_ = open_++;
        return Event::node;
      }
      case end_node:
        if (open_ == 0) return fail();
        open_--;
        depth_ = open_ == 0 ? 1 : open_ - 1;  // 1 after the root: a second root is refused
        return Event::end_node;
      case prop: {
        if (open_ == 0 || structure_.size() - at_ < 8) return fail();
        const auto length = word(structure_.data() + at_), name_offset = word(structure_.data() + at_ + 4);
        at_ += 8;
        const auto name = string_at(strings_, name_offset);
        if (!name || length > structure_.size() - at_) return fail();
        name_ = *name;
        value_ = structure_.subspan(at_, length);
        at_ = (at_ + length + 3) & ~std::size_t{3};
        if (at_ > structure_.size()) return fail();
        return Event::property;
      }
      case end_tree:
        if (open_ != 0) return fail();
        done_ = true;
        return Event::end;
      default: return fail();
    }
  }
}

std::optional<std::uint64_t> fdt_cells(std::span<const std::uint8_t> value, std::size_t first, std::uint32_t cells) {
  if (cells < 1 || cells > 2 || value.size() / 4 < first + cells) return std::nullopt;
  std::uint64_t result = word(value.data() + first * 4);
  if (cells == 2) result = result << 32 | word(value.data() + first * 4 + 4);
  return result;
}

std::string_view fdt_string(std::span<const std::uint8_t> value) {
  return string_at(value, 0).value_or(std::string_view{});
}

}  // namespace avz
