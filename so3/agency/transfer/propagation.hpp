// The migration manager: asks MEs each period whether they want to be at the neighbours, too.
#pragma once
#include <cstdint>

#include "so3/agency/loop/loop.hpp"
#include "so3/agency/transfer/transfers.hpp"

namespace agency::transfer {

class Propagation {
 public:
  static constexpr std::uint32_t period_default = 1'000;  // ms

  Propagation(Loop& loop, Residents& residents, Transfers& transfers);
  Propagation(const Propagation&) = delete;
  Propagation& operator=(const Propagation&) = delete;

  // 0: MEs are asked by hand only. While there is no neighbour, nobody is asked in any case.
  void period(std::uint32_t ms);

 private:
  void wake();
  Task<Done> run();
  void ask_all();

  Loop* loop_;
  Residents* residents_;
  Transfers* transfers_;
  std::uint64_t period_ = period_default * ms;
  std::uint32_t generation_ = 0;  // of run(): a new one takes over when the period changes
  std::uint32_t last_asked_ = 0;  // slot
  bool running_ = false;
};

}  // namespace agency::transfer
