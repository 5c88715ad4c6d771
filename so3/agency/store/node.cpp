#include "so3/agency/store/node.hpp"

#include <algorithm>

namespace agency {
namespace {

auto place(const std::vector<std::unique_ptr<Node>>& children, std::string_view name) {
  return std::lower_bound(children.begin(), children.end(), name,
                          [](const std::unique_ptr<Node>& n, std::string_view wanted) { return n->name < wanted; });
}

}  // namespace

Node* Node::child(std::string_view wanted) const {
  const auto at = place(children, wanted);
  return at != children.end() && (*at)->name == wanted ? at->get() : nullptr;
}

Node& Node::child_or_new(std::string_view wanted) {
  const auto at = place(children, wanted);
  if (at != children.end() && (*at)->name == wanted) return **at;
  auto made = std::make_unique<Node>();
  made->name = wanted;
  made->parent = this;
  return **children.insert(at, std::move(made));
}

bool Node::has_existing_child() const {
  return std::any_of(children.begin(), children.end(), [](const auto& c) { return c->exists; });
}

Node* find(Node& root, const StorePath& path) {
  Node* node = &root;
  for (std::size_t i = 0; node != nullptr && i < path.depth(); ++i) node = node->child(path.component(i));
  return node;
}

Node& find_or_new(Node& root, const StorePath& path) {
  Node* node = &root;
  for (std::size_t i = 0; i < path.depth(); ++i) node = &node->child_or_new(path.component(i));
  return *node;
}

void prune(Node& node) {
  Node* at = &node;
  while (at->parent != nullptr && !at->exists && at->watches.empty() && at->children.empty()) {
    Node* const parent = at->parent;
    parent->children.erase(place(parent->children, at->name));
    at = parent;
  }
}

std::string path_of(const Node& node) {
  if (node.parent == nullptr) return {};
  auto path = path_of(*node.parent);
  if (!path.empty()) path += '/';
  return path += node.name;
}

}  // namespace agency
