#include "so3/agency/store/store.hpp"

#include <algorithm>

namespace agency {

using abi::Status;
using abi::vbstore::Type;

namespace {

constexpr std::size_t mes_max = abi::max_domains - abi::first_me_slot;

// What a watch can cost: the place it watches, and the events that wait there.
std::size_t cost_of_watch(const StorePath& path) {
  constexpr std::size_t events = Watcher::distinct_max * (abi::vbstore::path_max + 64);
  return path.depth() * node_overhead + 2 * path.text().size() + sizeof(Watch) + events;
}

}  // namespace

Store::Store(std::size_t bytes_max) : common_max_{bytes_max / 2}, part_{bytes_max / 2 / mes_max} {
  root_.exists = true;
}

Store::~Store() = default;

auto Store::read(const StorePath& path) -> Result<std::string_view> {
  const Node* const node = find(root_, path);
  if (node == nullptr || !node->exists) return std::unexpected{Status::not_found};
  return node->value;
}

auto Store::list(const StorePath& path) -> Result<std::string> {
  const Node* const node = find(root_, path);
  if (node == nullptr || !node->exists) return std::unexpected{Status::not_found};
  std::string names;
  for (const auto& c : node->children)
    if (c->exists) names.append(c->name).push_back('\0');
  if (names.size() > abi::vbstore::payload_max) return std::unexpected{Status::too_big};
  return names;
}

bool Store::exists(const StorePath& path) {
  const Node* const node = find(root_, path);
  return node != nullptr && node->exists;
}

auto Store::write(std::uint32_t domain, const StorePath& path, std::string_view value) -> Result<void> {
  return single(domain, {Type::write, path, value});
}

auto Store::mkdir(std::uint32_t domain, const StorePath& path) -> Result<void> {
  return single(domain, {Type::mkdir, path, {}});
}

auto Store::rm(std::uint32_t domain, const StorePath& path) -> Result<void> {
  return single(domain, {Type::rm, path, {}});
}

auto Store::single(std::uint32_t domain, const Change& change) -> Result<void> {
  Trace trace;
  if (const auto done = apply(domain, change, trace); !done) return done;
  fire(change.path);
  for (const auto& path : trace.gone) fire_exactly(path);
  return {};
}

auto Store::transaction(std::uint32_t domain, std::span<const Change> changes) -> Result<void> {
  std::vector<Undo> undo;
  Trace trace{&undo, {}};
  for (const auto& change : changes) {
    if (const auto done = apply(domain, change, trace); !done) {
      roll_back(undo);
      return done;
    }
  }
  for (const auto& change : changes) fire(change.path);
  for (const auto& path : trace.gone) fire_exactly(path);
  return {};
}

auto Store::apply(std::uint32_t domain, const Change& change, Trace& trace) -> Result<void> {
  if (change.path.is_root()) return std::unexpected{Status::denied};
  const auto part = part_of(change.path);
  if (domain != abi::agency_domain && domain != part.domain) return std::unexpected{Status::denied};
  switch (change.type) {
    case Type::rm: {
      Node* const node = find(root_, change.path);
      if (node == nullptr || !node->exists) return std::unexpected{Status::not_found};
      erase(*node, trace);
      return {};
    }
    case Type::mkdir: {
      const auto node = ensure(domain, change.path, part, trace);
      if (!node) return std::unexpected{node.error()};
      return {};
    }
    case Type::write: {
      if (change.value.size() > abi::vbstore::value_max) return std::unexpected{Status::too_big};
      const auto node = ensure(domain, change.path, part, trace);
      if (!node) return std::unexpected{node.error()};
      return set(**node, change.value, trace);
    }
    default: return std::unexpected{Status::bad_argument};
  }
}

// Makes the key and those above it that are missing, if they are all the domain's own; all of them or none.
auto Store::ensure(std::uint32_t domain, const StorePath& path, StorePart part, Trace& trace) -> Result<Node*> {
  Node* node = &root_;
  std::size_t present = 0;
  for (; present < path.depth(); ++present) {
    Node* const next = node->child(path.component(present));
    if (next == nullptr || !next->exists) break;
    node = next;
  }
  if (present == path.depth()) return node;
  if (domain != abi::agency_domain && present + 1 < part.depth) return std::unexpected{Status::not_found};
  if (part.domain != abi::agency_domain) {
    const std::size_t missing = path.depth() - present;
    if (keys(part.domain) + missing > abi::vbstore::keys_per_domain ||
        !affords(part.domain, missing * node_overhead + path.text().size()))
      return std::unexpected{Status::no_memory};
  }
  for (; present < path.depth(); ++present) {
    node = &node->child_or_new(path.component(present));
    const auto owner = present + 1 < part.depth ? abi::agency_domain : part.domain;
    appear(*node, owner);
    if (trace.undo != nullptr) trace.undo->push_back({path_of(*node), false, owner, {}});
  }
  return node;
}

auto Store::set(Node& node, std::string_view value, Trace& trace) -> Result<void> {
  if (value.size() > node.value.size() && !affords(node.owner, value.size() - node.value.size()))
    return std::unexpected{Status::no_memory};
  account(node.owner, node.value.size(), value.size());
  if (trace.undo != nullptr) trace.undo->push_back({path_of(node), true, node.owner, node.value});
  node.value.assign(value);
  return {};
}

void Store::erase(Node& node, Trace& trace) {
  const std::string path = trace.undo != nullptr || !node.watches.empty() ? path_of(node) : std::string{};
  if (trace.undo != nullptr) trace.undo->push_back({path, true, node.owner, node.value});
  if (!node.watches.empty()) trace.gone.push_back(path);
  // Backwards: pruning a child takes it out of the vector.
  for (std::size_t i = node.children.size(); i-- > 0;)
    if (node.children[i]->exists) erase(*node.children[i], trace);
  disappear(node);
  prune(node);
}

void Store::roll_back(const std::vector<Undo>& undo) {
  for (auto u = undo.rbegin(); u != undo.rend(); ++u) {
    const auto path = StorePath::parse(u->path);
    if (u->existed) {
      Node& node = find_or_new(root_, *path);
      if (!node.exists) appear(node, u->owner);
      account(node.owner, node.value.size(), u->value.size());
      node.value = u->value;
    } else if (Node* const node = find(root_, *path); node != nullptr) {
      disappear(*node);
      prune(*node);
    }
  }
}

void Store::appear(Node& node, std::uint32_t owner) {
  node.exists = true;
  node.owner = owner;
  ++shares_[owner].keys;
  account(owner, 0, node_overhead + node.name.size());
}

void Store::disappear(Node& node) {
  account(node.owner, node_overhead + node.name.size() + node.value.size(), 0);
  --shares_[node.owner].keys;
  node.exists = false;
  node.value = {};
}

bool Store::affords(std::uint32_t domain, std::size_t more) const {
  if (domain == abi::agency_domain) return true;
  const auto now = shares_[domain].bytes;
  return common_ - beyond_own_part(now) + beyond_own_part(now + more) <= common_max_;
}

void Store::account(std::uint32_t domain, std::size_t before, std::size_t after) {
  if (domain == abi::agency_domain) return;
  auto& bytes = shares_[domain].bytes;
  common_ -= beyond_own_part(bytes);
  bytes += after - before;
  common_ += beyond_own_part(bytes);
  bytes_ += after - before;
}

auto Store::watch(Watcher& watcher, const StorePath& path) -> Result<void> {
  const auto cost = cost_of_watch(path);
  if (watcher.watches_.size() == watcher.watches_max_ || !affords(watcher.domain_, cost))
    return std::unexpected{Status::no_memory};
  Node& node = find_or_new(root_, path);
  if (std::any_of(node.watches.begin(), node.watches.end(), [&](const Watch* w) { return w->watcher == &watcher; }))
    return std::unexpected{Status::bad_state};
  auto& watch = *watcher.watches_.emplace_back(new Watch{&watcher, &node, std::string{path.text()}, cost});
  account(watcher.domain_, 0, cost);
  node.watches.push_back(&watch);
  watcher.add(watch, path.text());
  return {};
}

auto Store::unwatch(Watcher& watcher, const StorePath& path) -> Result<void> {
  const auto at = std::find_if(watcher.watches_.begin(), watcher.watches_.end(),
                               [&](const auto& w) { return w->path == path.text(); });
  if (at == watcher.watches_.end()) return std::unexpected{Status::not_found};
  watcher.drop(**at);
  account(watcher.domain_, (*at)->cost, 0);
  Node& node = *(*at)->node;
  std::erase(node.watches, at->get());
  watcher.watches_.erase(at);
  prune(node);
  return {};
}

void Store::forget(Watcher& watcher) {
  watcher.pending_.clear();
  for (const auto& watch : watcher.watches_) {
    account(watcher.domain_, watch->cost, 0);
    std::erase(watch->node->watches, watch.get());
    prune(*watch->node);
  }
  watcher.watches_.clear();
}

void Store::remove_domain(std::uint32_t domain) {
  const auto id = std::to_string(domain);
  const auto remove = [&](const std::string& text) {
    // Not there: nothing to remove.
    if (const auto path = StorePath::parse(text)) static_cast<void>(rm(abi::agency_domain, *path));
  };
  remove("device/" + id);
  remove("soo/me/" + id);
  const Node* const backends = root_.child("backend");
  if (backends == nullptr) return;
  std::vector<std::string> types;
  for (const auto& type : backends->children) types.push_back(type->name);
  for (const auto& type : types) remove("backend/" + type + "/" + id);
}

void Store::fire(const StorePath& changed) {
  const Node* node = &root_;
  for (std::size_t i = 0;; ++i) {
    for (const Watch* watch : node->watches) watch->watcher->add(*watch, changed.text());
    if (i == changed.depth()) return;
    node = node->child(changed.component(i));
    if (node == nullptr) return;
  }
}

void Store::fire_exactly(const std::string& gone) {
  const auto path = StorePath::parse(gone);
  const Node* const node = find(root_, *path);
  if (node == nullptr) return;
  for (const Watch* watch : node->watches) watch->watcher->add(*watch, gone);
}

}  // namespace agency
