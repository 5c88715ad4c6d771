#include "so3/image/tree.hpp"

#include <libfdt.h>

#include <algorithm>
#include <array>
#include <optional>

#include "so3/image/text.hpp"

namespace image {
namespace {

constexpr std::size_t header_bytes = 40;
constexpr std::size_t structure_offset = 56;  // after the header and a reservation map of its end mark only

bool all_zero(Bytes bytes) {
  return std::ranges::all_of(bytes, [](std::byte b) { return b == std::byte{}; });
}

// Every token in order, to FDT_END at exactly the end of the structure, with zero bytes between values.
std::optional<Fault> check_structure(const void* fdt, Bytes structure) {
  int offset = 0;
  for (;;) {
    int next = 0;
    const auto tag = fdt_next_tag(fdt, offset, &next);
    if (next < 0 || static_cast<std::size_t>(next) > structure.size() || tag == FDT_NOP) return Fault::damaged;
    if (tag == FDT_END) break;
    if (tag == FDT_PROP) {
      const auto end = static_cast<std::size_t>(offset) + 12 + big_endian_32(structure.subspan(offset + 4, 4));
      if (!all_zero(structure.subspan(end, next - end))) return Fault::dirty_padding;
    }
    offset = next;
  }
  return static_cast<std::size_t>(offset) + 4 == structure.size() ? std::nullopt : std::optional(Fault::damaged);
}

}  // namespace

std::expected<Tree, Error> Tree::open(Bytes blob, std::string_view what) {
  const auto fail = [&](Fault f, std::uint64_t found = 0, std::uint64_t limit = 0) {
    return std::unexpected(Error{f, what, {}, found, limit});
  };
  if (blob.size() < header_bytes) return fail(Fault::not_a_tree);
  if (reinterpret_cast<std::uintptr_t>(blob.data()) % 8 != 0) return fail(Fault::not_aligned);
  const void* fdt = blob.data();
  if (fdt_magic(fdt) != FDT_MAGIC || fdt_version(fdt) != 17 || fdt_last_comp_version(fdt) > 17) {
    return fail(Fault::not_a_tree);
  }
  const std::size_t total = fdt_totalsize(fdt), structure = fdt_size_dt_struct(fdt), strings = fdt_size_dt_strings(fdt);
  if (total > blob.size()) return fail(Fault::truncated, blob.size(), total);
  if (total < blob.size()) return fail(Fault::trailing_bytes, blob.size(), total);
  if (total > INT32_MAX || total < structure_offset || fdt_boot_cpuid_phys(fdt) != 0 ||
      fdt_off_mem_rsvmap(fdt) != header_bytes || fdt_off_dt_struct(fdt) != structure_offset ||
      structure > total - structure_offset || fdt_off_dt_strings(fdt) != structure_offset + structure ||
      strings > total - structure_offset - structure || strings > strings_max) {
    return fail(Fault::damaged);
  }
  if (!all_zero(blob.subspan(header_bytes, structure_offset - header_bytes)) ||
      !all_zero(blob.subspan(structure_offset + structure + strings))) {
    return fail(Fault::dirty_padding);
  }
  // The strings are bounded by now: libfdt looks for the end of each name in them.
  if (fdt_check_full(fdt, total) != 0) return fail(Fault::damaged);
  if (const auto f = check_structure(fdt, blob.subspan(structure_offset, structure))) return fail(*f);
  return Tree(fdt);
}

Property Property::next() const { return {fdt_, fdt_next_property_offset(fdt_, offset_)}; }

std::string_view Property::name() const {
  const auto* p = fdt_get_property_by_offset(fdt_, offset_, nullptr);
  return fdt_string(fdt_, static_cast<int>(fdt32_to_cpu(p->nameoff)));
}

Bytes Property::value() const {
  int size = 0;
  const auto* p = fdt_get_property_by_offset(fdt_, offset_, &size);
  return {reinterpret_cast<const std::byte*>(p->data), static_cast<std::size_t>(size)};
}

Node Node::first_child() const { return {fdt_, fdt_first_subnode(fdt_, offset_)}; }
Node Node::next_sibling() const { return {fdt_, fdt_next_subnode(fdt_, offset_)}; }
Property Node::first_property() const { return {fdt_, fdt_first_property_offset(fdt_, offset_)}; }
std::string_view Node::name() const { return fdt_get_name(fdt_, offset_, nullptr); }

Node Node::child(std::string_view name) const {
  Node node = first_child();
  while (node && node.name() != name) node = node.next_sibling();
  return node;
}

std::expected<void, Error> read(Node node, std::string_view where, std::initializer_list<Field> fields) {
  std::array<bool, 16> seen{};
  for (Property p = node.first_property(); p; p = p.next()) {
    const auto field = std::ranges::find(fields, p.name(), &Field::name);
    if (field == fields.end()) return std::unexpected(Error{Fault::unknown_property, where, p.name()});
    bool& once = seen[static_cast<std::size_t>(field - fields.begin())];
    if (once) return std::unexpected(Error{Fault::repeated, where, p.name()});
    once = true;
    *field->value = p.value();
  }
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields.begin()[i];
    if (field.required && !seen[i]) return std::unexpected(Error{Fault::missing_property, where, field.name});
  }
  return {};
}

std::expected<std::string_view, Error> text(Bytes value, std::string_view where, std::string_view property,
                                            std::string_view allowed_controls) {
  const std::string_view all(reinterpret_cast<const char*>(value.data()), value.size());
  const auto fail = std::unexpected(Error{Fault::not_text, where, property});
  if (all.empty() || all.find('\0') != all.size() - 1) return fail;
  const std::string_view body = all.substr(0, all.size() - 1);
  if (!is_text(body, allowed_controls)) return fail;
  return body;
}

std::uint32_t big_endian_32(Bytes value) {
  std::uint32_t v = 0;
  for (std::byte b : value.first(4)) v = v << 8 | std::to_integer<std::uint32_t>(b);
  return v;
}

std::uint64_t big_endian_64(Bytes value) {
  return std::uint64_t{big_endian_32(value)} << 32 | big_endian_32(value.subspan(4));
}

}  // namespace image
