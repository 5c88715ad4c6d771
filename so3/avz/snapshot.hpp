// A copy-on-write snapshot of one ME, from snapshot_prepare to snapshot_end.
//
// Frozen: registers, shared page, channels and grants are copied, RAM becomes read-only in one step (AddressSpace), and
// the ME goes on. Whoever writes a page first has it copied into the reserve; the reader (snapshot_pages) empties that
// first. With the reserve full, the ME's vCPU waits for the reader. Who must not wait takes a page that is free: a
// domcall, because the reader's own CPU runs it, and another domain, because it is not its snapshot; with none left, the
// snapshot is given up, and nobody but its reader notices.
//
// Pages that others can write while the ME is stopped, which are those behind writable mappings of its grants, are
// saved at the freeze.
#pragma once
#include <cstdint>
#include <expected>

#include "so3/abi/snapshot.hpp"
#include "so3/avz/grants.hpp"
#include "so3/avz/stage2_tree.hpp"

namespace avz {

struct Domain;
struct FrozenContext;

class Snapshot {
 public:
  // Saved pages that are remembered at most: what one page has entries for.
  static constexpr std::uint64_t saved_max = abi::page_size / sizeof(std::uint64_t);
  // A reader takes 64 pages in a call. So much lets the ME write 3 % of its memory before it waits for the first of
  // them, and costs it 3 % more.
  static constexpr std::uint64_t reserve_for(std::uint64_t ram_bytes) {
    const std::uint64_t pages = ram_bytes / abi::page_size / 32;
    return pages < 8 ? 8 : pages > saved_max ? saved_max : pages;
  }
  // All that one can need, promised with the ME: for lack of memory it cannot fail later.
  static constexpr std::uint64_t pages_for(std::uint64_t ram_bytes) {
    constexpr std::uint64_t root = 1, context = 1, shared_page = 1, list_of_saved = 1;
    return root + Stage2Tree::tables_for(abi::domain_base, abi::ram_ipa + ram_bytes - abi::domain_base) + context +
           shared_page + GrantTable::pages_for(ram_bytes) + list_of_saved + reserve_for(ram_bytes);
  }
  [[nodiscard]] bool promise(Pages& pages, std::uint64_t ram_bytes);
  void unpromise() { reservation_.end(); }

  // ---- the agency's calls
  // busy: a part is done. no_memory: as many snapshots are under way as there are VMIDs for. bad_state: frozen already.
  [[nodiscard]] abi::Status prepare(Domain& domain);
  // The vCPU is held. no_memory: others can write more of its pages than can be saved. bad_state: not prepared.
  [[nodiscard]] abi::Status freeze(Domain& domain);
  // Of one that is frozen, as copy_page(): how many bytes of it were written at `to`. too_big: more than `room`.
  std::expected<std::uint64_t, abi::Status> context(abi::snapshot::Part part, std::uint8_t* to,
                                                    std::uint64_t room) const;
  // The next page into `to`: its IPA, 0: that was all. busy: none found yet. no_memory: given up.
  std::expected<std::uint64_t, abi::Status> copy_page(Domain& domain, std::uint8_t* to);
  // The ME's vCPU is stalled until pages have been copied out.
  bool writer_waits(Domain& domain) const;
  // False: there is none. `runs`: its vCPU may be on a CPU, and is told.
  bool end(Domain& domain, bool runs);

  // ---- writers, on any CPU
  // The ME itself has a fault there: its vCPU, or a domcall, which may not wait. True: it was for the snapshot; it can
  // write now, or waits.
  [[nodiscard]] bool before_own_write(Domain& domain, std::uint64_t ipa, bool may_wait);
  // Another domain is about to be able to. With the domain's slot locked, or on the agency's CPU.
  void before_foreign_write(Domain& domain, std::uint64_t ipa);

 private:
  void draw_pages(std::uint64_t ram_bytes);
  void give_pages_back(std::uint64_t ram_bytes);
  void capture(Domain& domain);
  [[nodiscard]] bool save_what_others_write(Domain& domain);
  // All of these with the memory's lock held:
  [[nodiscard]] bool save(std::uint64_t ipa, PhysAddr page, bool may_grow);
  void take_saved(std::uint8_t* to, std::uint64_t& ipa);
  void give_up(Domain& domain);
  void let_writer_go_on(Domain& domain);

  FrozenContext& frozen_context() const;
  std::uint64_t* saved_list() const;

  Reservation reservation_;
  PhysAddr context_ = 0, shared_page_ = 0, list_ = 0;
  std::uint64_t cursor_ = 0;  // what is frozen before this IPA has been copied out
  std::uint32_t saved_ = 0, extra_ = 0, reserve_ = 0;  // extra: taken besides the reserve
  bool given_up_ = false;
  bool writer_waits_ = false;
};

}  // namespace avz
