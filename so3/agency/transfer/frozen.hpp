// The snapshot of an ME that avz holds: frozen when this is made, and ended with it.
#pragma once
#include <cstdint>
#include <expected>
#include <memory>
#include <utility>

#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/refusal.hpp"
#include "so3/agency/me/residents.hpp"

namespace agency::transfer {

class Frozen {
 public:
  // The ME goes on at once. busy: another snapshot of it is being read, or its vCPU came to no safe point.
  static Task<std::expected<Frozen, Refusal>> take(Loop& loop, std::shared_ptr<Me> me);

  Frozen(Frozen&& other) noexcept : me_{std::move(other.me_)}, pages_{other.pages_} {}
  Frozen& operator=(Frozen&&) = delete;
  ~Frozen();

  const Me& me() const { return *me_; }
  // It is gone, and its snapshot with it: there may be another ME in its slot.
  bool gone() const { return me_->gone; }
  std::uint64_t pages() const { return pages_; }

 private:
  Frozen(std::shared_ptr<Me> me, std::uint64_t pages) : me_{std::move(me)}, pages_{pages} {}
  std::shared_ptr<Me> me_;
  std::uint64_t pages_;
};

}  // namespace agency::transfer
