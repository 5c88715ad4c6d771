// One tree of stage-2 tables. It knows entries and tables; what they mean is AddressSpace's.
//
// A valid entry is never changed into another valid one (break-before-make) but to make it writable: map needs an empty
// place, unmap leaves one. TLB maintenance is the caller's.
#pragma once
#include <cstdint>

#include "so3/abi/status.hpp"
#include "so3/avz/pages.hpp"
#include "so3/avz/stage2_entry.hpp"

namespace avz {

class Stage2Tree {
 public:
  // Tables a range needs at most, besides the root: what to promise for it.
  static constexpr std::uint64_t tables_for(std::uint64_t ipa, std::uint64_t bytes) {
    const std::uint64_t end = ipa + bytes - 1;
    return (end / block_size - ipa / block_size + 1) + ((end >> 30) - (ipa >> 30) + 1);
  }

  // The root, from the reservation. no_memory only when that is used up.
  [[nodiscard]] abi::Status init(Reservation& reservation);
  PhysAddr root() const { return root_; }

  // busy: something is mapped there. no_memory: the reservation has no page for a table.
  [[nodiscard]] abi::Status map_page(std::uint64_t ipa, PhysAddr page, Access access, Reservation& reservation);
  // Blocks where both addresses allow, pages elsewhere. For ranges mapped once and for good.
  [[nodiscard]] abi::Status map_range(std::uint64_t ipa, PhysRange range, Access access, Reservation& reservation);

  // The leaf that translates the address; invalid if there is none. Any IPA may be asked.
  Stage2Entry find(std::uint64_t ipa) const;
  // Empties the place of a page and returns what was there.
  Stage2Entry unmap_page(std::uint64_t ipa);

  // The entry of level 3 for the address; nullptr: there is no such table.
  Stage2Entry* leaf(std::uint64_t ipa) const;
  // It was not writable. Who has it cached as it was faults once more.
  static void make_writable(Stage2Entry& leaf);
  // The level-3 table that the address is in: nullptr if there is none.
  Stage2Entry* leaves(std::uint64_t ipa) const;
  // The same, made if there is none; nullptr: the reservation has no page for it.
  [[nodiscard]] Stage2Entry* make_leaves(std::uint64_t ipa, Reservation& reservation);
  // Back into the reservation they came from, with nobody's pages let go.
  void give_back_tables(Reservation& reservation);

  // Takes the tree apart and gives its tables back; `leaf` is called for every page that was mapped, with what it may
  // release it by: an ME of 4 GB has a million.
  template <typename Leaf>
  void destroy(Pages& pages, Leaf leaf) {
    if (root_ == 0) return;
    destroy_table(root_, 1, pages, leaf);
    root_ = 0;
  }

 private:
  struct Place {
    Stage2Entry* entry;
    unsigned level;
  };
  Place lookup(std::uint64_t ipa) const;
  static void give_back_table(PhysAddr table, unsigned level, Reservation& reservation);
  Stage2Entry* place_for(std::uint64_t ipa, unsigned level, Reservation& reservation, abi::Status& status);
  static Stage2Entry* table_at(PhysAddr table);

  template <typename Leaf>
  static void destroy_table(PhysAddr table, unsigned level, Pages& pages, Leaf& leaf) {
    const Stage2Entry* const entries = table_at(table);
    for (std::uint64_t i = 0; level < 3 && i < table_entries; i++)
      if (const Stage2Entry e = entries[i]; e.is_table(level)) destroy_table(e.address(), level + 1, pages, leaf);
    Pages::Releasing releasing{pages};
    for (std::uint64_t i = 0; level == 3 && i < table_entries; i++)
      if (entries[i].valid()) leaf(releasing, entries[i]);
    releasing.release(table);
  }

  PhysAddr root_ = 0;
};

}  // namespace avz
