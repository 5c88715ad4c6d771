// Grants: pages that a domain lets one other domain map, and pages of others that a domain has mapped.
//
// The granter's table says who may map what, and counts the mappings. The mapper's table says, for every page of
// its grant window, which grant it came from. A mapping holds the page itself: if the granter dies, the page lives
// until it is unmapped. Both name the other side with its incarnation, so a slot used anew inherits nothing.
#pragma once
#include <cstdint>
#include <optional>

#include "so3/abi/layout.hpp"
#include "so3/avz/events.hpp"
#include "so3/avz/pages.hpp"

namespace avz {

struct Peer {
  std::uint32_t slot;
  Incarnation incarnation;
  constexpr bool operator==(const Peer&) const = default;
};

struct Grant {
  std::uint64_t incarnation : incarnation_bits;
  std::uint64_t slot : 9;
  std::uint64_t used : 1;
  std::uint64_t read_only : 1;
  std::uint64_t : 13;
  std::uint64_t page : 28;      // number; in a free entry the next free one
  std::uint64_t mappings : 15;  // that hold it now
  std::uint64_t ram_page : 21;  // where it is in the granter's RAM, counted from 1; 0: not there

  Peer peer() const { return {static_cast<std::uint32_t>(slot), incarnation}; }
  PhysAddr address() const { return std::uint64_t{page} * abi::page_size; }
  // 0: not in RAM.
  std::uint64_t ipa() const { return ram_page == 0 ? 0 : abi::ram_ipa + (ram_page - 1) * abi::page_size; }
  bool written_by_others() const { return used && !read_only && mappings != 0 && ram_page != 0; }
};
static_assert(sizeof(Grant) == 16 && abi::ram_max / abi::page_size < 1 << 21);
static_assert(abi::agency_grant_window_pages < 1 << 15, "mappings: the peer can map it so often");

// Grows by pages of the domain's reservation, which has room for all.
class GrantTable {
 public:
  using Reference = std::uint32_t;
  static constexpr std::uint32_t per_page = abi::page_size / sizeof(Grant);
  static constexpr std::uint32_t pages_max = 16;

  // A domain can have every page of its RAM granted at once, and at least a page full, at most 4,096.
  static constexpr std::uint32_t pages_for(std::uint64_t ram_bytes) {
    const std::uint64_t pages = (ram_bytes / abi::page_size + per_page - 1) / per_page;
    return static_cast<std::uint32_t>(pages < 1 ? 1 : pages > pages_max ? pages_max : pages);
  }

  void init(std::uint32_t most_pages) { most_ = most_pages * per_page; }
  // no value: the table is full.
  // `ipa`: of the page in the granter's RAM; 0: it is not there.
  [[nodiscard]] std::optional<Reference> add(Peer peer, PhysAddr page, std::uint64_t ipa, bool read_only,
                                             Reservation& reservation);
  // The entry in use under this number, any number may be asked; nullptr: none.
  Grant* find(std::uint64_t reference);
  void remove(Reference reference);
  // Entries that were ever used, and one of them, used or not.
  std::uint32_t entries() const { return used_; }
  const Grant& at(Reference reference) { return entry(reference); }
  // As it is now, into so many pages as the table may have.
  void copy_to(const PhysAddr (&pages)[pages_max]) const;
  // Gives the pages of the table back; the granted ones belong to the domain and go with it.
  void destroy(Pages& pages);

 private:
  static constexpr std::uint32_t none = (1 << 28) - 1;
  Grant& entry(Reference reference);

  PhysAddr pages_[pages_max] = {};
  std::uint32_t used_ = 0;  // entries ever used
  std::uint32_t most_ = 0;
  std::uint32_t first_free_ = none;
};

// Where a page of the grant window came from. Zero: nothing is mapped there.
class MappedGrant {
 public:
  constexpr MappedGrant() = default;
  constexpr MappedGrant(Peer granter, std::uint32_t reference)
      : raw_{granter.incarnation | std::uint64_t{granter.slot} << 40 | std::uint64_t{reference} << 49} {}
  constexpr bool empty() const { return raw_ == 0; }
  constexpr Peer granter() const {
    return {static_cast<std::uint32_t>(raw_ >> 40 & 0x1ff), raw_ & ((std::uint64_t{1} << incarnation_bits) - 1)};
  }
  constexpr std::uint32_t reference() const { return static_cast<std::uint32_t>(raw_ >> 49); }

 private:
  std::uint64_t raw_ = 0;  // an incarnation is never 0, so no grant is either
};
static_assert(sizeof(MappedGrant) == 8 && GrantTable::per_page * GrantTable::pages_max < 1 << 15);

class GrantWindow {
 public:
  static constexpr std::uint32_t per_page = abi::page_size / sizeof(MappedGrant);
  static constexpr std::uint32_t pages_max = abi::agency_grant_window_pages / per_page;

  // `table`: one entry, zero, for each per_page pages or part of it.
  void init(std::uint64_t ipa, std::uint32_t pages, PhysAddr* table) {
    ipa_ = ipa;
    count_ = pages;
    pages_ = table;
  }
  std::uint32_t count() const { return count_; }
  std::uint64_t ipa(std::uint32_t index) const { return ipa_ + std::uint64_t{index} * abi::page_size; }
  // The page of the window at this IPA, any value may be asked.
  std::optional<std::uint32_t> index(std::uint64_t ipa) const {
    const std::uint64_t offset = ipa - ipa_;
    if (!abi::page_aligned(offset) || offset / abi::page_size >= count_) return std::nullopt;
    return static_cast<std::uint32_t>(offset / abi::page_size);
  }

  MappedGrant get(std::uint32_t index) const;
  // False: the reservation has no page for this part of the table.
  [[nodiscard]] bool set(std::uint32_t index, MappedGrant mapped, Reservation& reservation);
  void clear(std::uint32_t index);
  void destroy(Pages& pages);

 private:
  MappedGrant* place(std::uint32_t index) const;

  std::uint64_t ipa_ = 0;
  std::uint32_t count_ = 0;
  PhysAddr* pages_ = nullptr;
};
static_assert(abi::grant_window_pages <= GrantWindow::per_page, "one page serves an ME");

}  // namespace avz
