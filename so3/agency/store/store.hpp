// The store: a tree of keys and values with permissions, shares, watches and transactions.
//
// Knows nothing of messages or rings. Every call either does all it says or nothing, and then says why.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "so3/abi/status.hpp"
#include "so3/abi/vbstore.hpp"
#include "so3/agency/store/node.hpp"
#include "so3/agency/store/watcher.hpp"

namespace agency {

class Store {
 public:
  template <typename T>
  using Result = std::expected<T, abi::Status>;

  struct Change {
    abi::vbstore::Type type;  // write, mkdir or rm
    StorePath path;
    std::string_view value;
  };

  // `bytes_max`: for all keys and watches of MEs. Half of it is divided: every ME that there can be has its part,
  // whatever the others do. The other half is for whoever comes first.
  //
  // What lies in an ME's part of the tree counts against that ME, whoever wrote it: else it could make the agency write
  // there without end. What the agency writes elsewhere is not limited.
  explicit Store(std::size_t bytes_max);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  // not_found. The view is valid until the next change.
  [[nodiscard]] Result<std::string_view> read(const StorePath& path);
  // not_found, too_big (more than payload_max). Names, NUL-terminated, sorted.
  [[nodiscard]] Result<std::string> list(const StorePath& path);
  [[nodiscard]] bool exists(const StorePath& path);
  // Calls visit(path, value) for the key and for all below it, parents first, siblings sorted. Their paths begin with
  // `as` in place of `path`. Both views end with the call, in which nothing may be changed.
  template <typename Visit>
  void each(const StorePath& path, std::string_view as, Visit visit) {
    std::string name{as};
    if (const Node* const node = find(root_, path)) each_below(*node, name, visit);
  }

  // denied, not_found (a parent that the domain may not make; rm of what is not there), too_big (value),
  // no_memory (the share of keys or of bytes of the ME whose part it is in is used up).
  [[nodiscard]] Result<void> write(std::uint32_t domain, const StorePath& path, std::string_view value);
  [[nodiscard]] Result<void> mkdir(std::uint32_t domain, const StorePath& path);
  [[nodiscard]] Result<void> rm(std::uint32_t domain, const StorePath& path);
  // All of them, in order, or none. Watches fire when all is done.
  [[nodiscard]] Result<void> transaction(std::uint32_t domain, std::span<const Change> changes);

  // bad_state (is watched already), no_memory (its share of watches is used up). Fires at once.
  [[nodiscard]] Result<void> watch(Watcher& watcher, const StorePath& path);
  [[nodiscard]] Result<void> unwatch(Watcher& watcher, const StorePath& path);
  void forget(Watcher& watcher);

  // Removes all that the domain may write, whoever wrote it.
  void remove_domain(std::uint32_t domain);

  std::size_t keys(std::uint32_t domain) const { return shares_[domain].keys; }
  std::size_t bytes() const { return bytes_; }

 private:
  // What brings a key back to how it was.
  struct Undo {
    std::string path;
    bool existed;
    std::uint32_t owner;
    std::string value;
  };
  // What a change leaves behind: `gone` are watched keys that disappeared with the one that was removed.
  struct Trace {
    std::vector<Undo>* undo = nullptr;
    std::vector<std::string> gone;
  };
  Result<void> single(std::uint32_t domain, const Change& change);
  Result<void> apply(std::uint32_t domain, const Change& change, Trace& trace);
  Result<Node*> ensure(std::uint32_t domain, const StorePath& path, StorePart part, Trace& trace);
  Result<void> set(Node& node, std::string_view value, Trace& trace);
  void erase(Node& node, Trace& trace);
  void roll_back(const std::vector<Undo>& undo);
  void fire(const StorePath& changed);
  void fire_exactly(const std::string& gone);
  template <typename Visit>
  static void each_below(const Node& node, std::string& path, Visit& visit) {
    if (!node.exists) return;
    visit(std::string_view{path}, std::string_view{node.value});
    const auto length = path.size();
    for (const auto& child : node.children) {
      path.append(1, '/').append(child->name);
      each_below(*child, path, visit);
      path.resize(length);
    }
  }
  void appear(Node& node, std::uint32_t owner);
  void disappear(Node& node);

  struct Share {
    std::size_t keys = 0, bytes = 0;
  };
  std::size_t beyond_own_part(std::size_t bytes) const { return bytes > part_ ? bytes - part_ : 0; }
  bool affords(std::uint32_t domain, std::size_t more) const;
  // From `before` to `after` bytes; of the agency nothing is counted.
  void account(std::uint32_t domain, std::size_t before, std::size_t after);
  Node root_;
  std::array<Share, abi::max_domains> shares_{};
  std::size_t bytes_ = 0;  // of MEs
  std::size_t common_ = 0;  // of those, what goes beyond an ME's own part
  std::size_t common_max_;
  std::size_t part_;  // what each ME has for itself
};

}  // namespace agency
