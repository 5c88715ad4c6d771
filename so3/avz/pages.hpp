// The private RAM of the machine, page by page: who may have how many, and how many hold each.
//
// A page is free, or held by one or more references: the domain it was given to, and each mapping of a grant.
// It comes back when the last one goes. Nothing is over-committed: a domain gets a Reservation for all it can
// ever use when it is created, or is refused; drawing from a reservation cannot fail before it is used up.
#pragma once
#include <cstdint>
#include <optional>
#include <span>

#include "so3/abi/layout.hpp"
#include "so3/avz/phys_range.hpp"
#include "so3/avz/spinlock.hpp"

namespace avz {

class Reservation;

class Pages {
 public:
  // `ram` is all private RAM, `unused` those parts of it that hold nothing; page-aligned, at most max_ranges.
  // What is not unused stays as it is for good. The frame table is placed in `unused`. False: no room for it.
  [[nodiscard]] bool init(PhysRange ram, std::span<const PhysRange> unused);

  // Contiguous pages for good, not cleared. Before the first reservation only.
  [[nodiscard]] std::optional<PhysAddr> take_contiguous(std::uint64_t bytes, std::uint64_t alignment);

  // One more, one less holder. Pages taken for good are not counted.
  void hold(PhysAddr page);
  void release(PhysAddr page) { Releasing{*this}.release(page); }
  // Many of them under one lock: held as long as this lives.
  class Releasing {
   public:
    explicit Releasing(Pages& pages) : pages_{pages}, guard_{pages.lock_} {}
    void release(PhysAddr page) { pages_.drop(page); }

   private:
    Pages& pages_;
    LockGuard guard_;
  };

  struct Count {
    std::uint64_t all, free, promised;  // free includes promised
    std::uint64_t unpromised() const { return free - promised; }
  };
  Count count();

  static constexpr std::uint32_t max_ranges = 8;

 private:
  friend class Reservation;
  // Holders of a page, or, with the top bit, the next free page. Zero: never handed out, or taken for good.
  using Frame = std::uint32_t;
  static constexpr Frame free_bit = 1u << 31;
  static constexpr Frame last = free_bit - 1;

  [[nodiscard]] bool promise(std::uint64_t pages);
  void unpromise(std::uint64_t pages);
  // With the lock held:
  PhysAddr take_promised();
  void drop(PhysAddr page);
  void put_free(PhysAddr page);
  Frame& frame(PhysAddr page);

  SpinLock lock_;
  PhysRange ram_{};
  Frame* frames_ = nullptr;
  Frame first_free_ = last;        // pages that came back
  PhysRange fresh_[max_ranges]{};  // pages never handed out
  std::uint64_t free_ = 0, promised_ = 0;
};

// Pages promised to one domain, and how many of them it has drawn. The domain and the agency may draw at once.
class Reservation {
 public:
  [[nodiscard]] bool make(Pages& pages, std::uint64_t count);
  // One more, if there is a page that nobody was promised; and one less, that was not drawn.
  [[nodiscard]] bool grow();
  void shrink();
  // A cleared page, held once; nullopt: the reservation is used up.
  [[nodiscard]] std::optional<PhysAddr> draw();
  // The same, with whatever it held before.
  [[nodiscard]] std::optional<PhysAddr> draw_dirty();
  // A drawn page that nobody else holds: it can be drawn again.
  void put_back(PhysAddr page);
  // What was not drawn goes back. Drawn pages are released one by one by who holds them.
  void end();
  std::uint64_t drawn() const { return drawn_; }
  std::uint64_t left() const { return left_; }
  Pages& pages() const { return *pages_; }

 private:
  Pages* pages_ = nullptr;
  std::uint64_t left_ = 0, drawn_ = 0;
};

}  // namespace avz
