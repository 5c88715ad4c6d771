#include "so3/avz/stage2_tree.hpp"

#include <atomic>

#include "so3/arch/physical.hpp"

namespace avz {

using abi::page_size;
using abi::Status;

namespace {

// A walker may read the entry at any moment: one store, after what it points at is in memory.
void publish(Stage2Entry& place, Stage2Entry value) {
  std::atomic_thread_fence(std::memory_order_release);
  *static_cast<volatile std::uint64_t*>(reinterpret_cast<std::uint64_t*>(&place)) = value.raw();
}

bool in_ipa_space(std::uint64_t ipa) { return ipa >> ipa_bits == 0; }

}  // namespace

Stage2Entry* Stage2Tree::table_at(PhysAddr table) { return arch::physical<Stage2Entry>(table); }

Status Stage2Tree::init(Reservation& reservation) {
  const auto page = reservation.draw();
  if (!page) return Status::no_memory;
  root_ = *page;
  return Status::ok;
}

Stage2Tree::Place Stage2Tree::lookup(std::uint64_t ipa) const {
  Stage2Entry* entry = &table_at(root_)[table_index(ipa, 1)];
  unsigned level = 1;
  while (entry->is_table(level)) {
    level++;
    entry = &table_at(entry->address())[table_index(ipa, level)];
  }
  return {entry, level};
}

Stage2Entry* Stage2Tree::place_for(std::uint64_t ipa, unsigned level, Reservation& reservation, Status& status) {
  for (;;) {
    const Place found = lookup(ipa);
    if (found.entry->valid() || found.level > level) {
      status = Status::busy;
      return nullptr;
    }
    if (found.level == level) return found.entry;
    const auto table = reservation.draw();
    if (!table) {
      status = Status::no_memory;
      return nullptr;
    }
    publish(*found.entry, Stage2Entry::table(*table));
  }
}

Status Stage2Tree::map_page(std::uint64_t ipa, PhysAddr page, Access access, Reservation& reservation) {
  if (!in_ipa_space(ipa) || !abi::page_aligned(ipa | page)) return Status::bad_argument;
  Status status = Status::ok;
  Stage2Entry* place = place_for(ipa, 3, reservation, status);
  if (place != nullptr) publish(*place, Stage2Entry::page(page, access));
  return status;
}

Status Stage2Tree::map_range(std::uint64_t ipa, PhysRange range, Access access, Reservation& reservation) {
  if (!in_ipa_space(ipa) || range.bytes > (std::uint64_t{1} << ipa_bits) - ipa) return Status::bad_argument;
  if (!abi::page_aligned(ipa | range.base | range.bytes)) return Status::bad_argument;
  for (std::uint64_t at = 0; at < range.bytes;) {
    const bool block =
        (ipa + at) % block_size == 0 && (range.base + at) % block_size == 0 && range.bytes - at >= block_size;
    Status status = Status::ok;
    Stage2Entry* place = place_for(ipa + at, block ? 2 : 3, reservation, status);
    if (place == nullptr) return status;
    const PhysAddr from = range.base + at;
    publish(*place, block ? Stage2Entry::block(from, access) : Stage2Entry::page(from, access));
    at += block ? block_size : page_size;
  }
  return Status::ok;
}

Stage2Entry Stage2Tree::find(std::uint64_t ipa) const {
  if (root_ == 0 || !in_ipa_space(ipa)) return {};
  const Place found = lookup(ipa);
  if (!found.entry->valid() || found.level == 3) return *found.entry;
  // A block: the page within it, as if it were a leaf of its own.
  const std::uint64_t inside = ipa % block_size & ~(page_size - 1);
  return Stage2Entry{found.entry->raw() + inside};
}

void Stage2Tree::make_writable(Stage2Entry& leaf) { publish(leaf, leaf.with_write()); }

Stage2Entry* Stage2Tree::leaf(std::uint64_t ipa) const {
  if (root_ == 0 || !in_ipa_space(ipa)) return nullptr;
  const Place found = lookup(ipa);
  return found.level == 3 ? found.entry : nullptr;
}

Stage2Entry* Stage2Tree::leaves(std::uint64_t ipa) const {
  Stage2Entry* entry = leaf(ipa);
  return entry == nullptr ? nullptr : entry - table_index(ipa, 3);
}

Stage2Entry* Stage2Tree::make_leaves(std::uint64_t ipa, Reservation& reservation) {
  if (Stage2Entry* there = leaves(ipa)) return there;
  Status status = Status::ok;
  Stage2Entry* place = place_for(ipa, 3, reservation, status);
  return place == nullptr ? nullptr : place - table_index(ipa, 3);
}

void Stage2Tree::give_back_tables(Reservation& reservation) {
  if (root_ == 0) return;
  give_back_table(root_, 1, reservation);
  root_ = 0;
}

void Stage2Tree::give_back_table(PhysAddr table, unsigned level, Reservation& reservation) {
  for (std::uint64_t i = 0; level < 3 && i < table_entries; i++)
    if (const Stage2Entry e = table_at(table)[i]; e.is_table(level))
      give_back_table(e.address(), level + 1, reservation);
  reservation.put_back(table);
}

Stage2Entry Stage2Tree::unmap_page(std::uint64_t ipa) {
  if (root_ == 0 || !in_ipa_space(ipa)) return {};
  const Place found = lookup(ipa);
  if (!found.entry->valid() || found.level != 3) return {};
  const Stage2Entry before = *found.entry;
  publish(*found.entry, {});
  return before;
}

}  // namespace avz
