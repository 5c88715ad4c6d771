// One node of the store's tree, and the walk along a path.
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "so3/agency/store/path.hpp"

namespace agency {

struct Watch;

// A node may be there only because something below it, or a watch, needs the place: then it does not `exist`.
struct Node {
  std::string name;
  Node* parent = nullptr;
  std::vector<std::unique_ptr<Node>> children;  // sorted by name
  std::string value;
  std::uint32_t owner = 0;  // the domain whose share it counts against
  bool exists = false;
  std::vector<Watch*> watches;

  Node* child(std::string_view wanted) const;
  Node& child_or_new(std::string_view wanted);
  bool has_existing_child() const;
};

// What one key costs besides its value and name, for the limit on memory.
inline constexpr std::size_t node_overhead = sizeof(Node) + 32;

Node* find(Node& root, const StorePath& path);
Node& find_or_new(Node& root, const StorePath& path);

// Takes the node, and its ancestors, out of the tree as long as nothing needs them.
void prune(Node& node);

std::string path_of(const Node& node);

}  // namespace agency
