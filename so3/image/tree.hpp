// Reading a flattened device tree from an untrusted file: checked whole once, then walked without errors.
#pragma once
#include <cstddef>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <span>
#include <string_view>

#include "so3/image/fault.hpp"

namespace image {

using Bytes = std::span<const std::byte>;

// Views into the tree; valid as long as its memory is. False when there is none.
class Property {
 public:
  Property(const void* fdt, int offset) : fdt_(fdt), offset_(offset) {}
  explicit operator bool() const { return offset_ >= 0; }
  Property next() const;
  std::string_view name() const;
  Bytes value() const;

 private:
  const void* fdt_;
  int offset_;
};

class Node {
 public:
  Node(const void* fdt, int offset) : fdt_(fdt), offset_(offset) {}
  explicit operator bool() const { return offset_ >= 0; }
  Node first_child() const;
  Node next_sibling() const;
  Node child(std::string_view name) const;
  Property first_property() const;
  std::string_view name() const;

 private:
  const void* fdt_;
  int offset_;
};

class Tree {
 public:
  // `blob` is exactly one tree as dtc or mkimage writes it, at a multiple of 8: header, empty reservation map,
  // structure, strings (at most strings_max), zero padding, nothing after. `what` names it in errors.
  static std::expected<Tree, Error> open(Bytes blob, std::string_view what);
  Node root() const { return Node(fdt_, 0); }

  static constexpr std::size_t strings_max = 4096;

 private:
  explicit Tree(const void* fdt) : fdt_(fdt) {}
  const void* fdt_;
};

// What a node may hold. `value` stays as it was when the property is absent and `required` false.
struct Field {
  std::string_view name;
  Bytes* value;
  bool required;
};

// Fills `fields` from the node; a property that is unknown, repeated or missing is an error. `where` names the node.
std::expected<void, Error> read(Node node, std::string_view where, std::initializer_list<Field> fields);

// A value as one string: NUL at its end and nowhere else, UTF-8, no control characters besides those allowed.
std::expected<std::string_view, Error> text(Bytes value, std::string_view where, std::string_view property,
                                            std::string_view allowed_controls = {});

std::uint32_t big_endian_32(Bytes value);
std::uint64_t big_endian_64(Bytes value);

}  // namespace image
