#include "so3/agency/transfer/propagation.hpp"

#include <vector>

namespace agency::transfer {

Propagation::Propagation(Loop& loop, Residents& residents, Transfers& transfers)
    : loop_{&loop}, residents_{&residents}, transfers_{&transfers} {
  transfers.when_neighbours_change([this] { wake(); });
}

void Propagation::period(std::uint32_t milliseconds) {
  period_ = milliseconds * ms;
  ++generation_;
  running_ = false;
  wake();
}

void Propagation::wake() {
  if (running_ || period_ == 0 || transfers_->neighbours().empty()) return;
  running_ = true;
  spawn(run());
}

Task<Done> Propagation::run() {
  const auto generation = generation_;
  for (;;) {
    co_await loop_->until(loop_->now() + period_);
    if (generation != generation_) co_return Done{};
    if (transfers_->neighbours().empty()) break;
    ask_all();
  }
  running_ = false;
  co_return Done{};
}

// Those that are busy, or whose last copy is still under way, are asked another time. Where transfers run out, the next
// period begins with those that were not asked.
void Propagation::ask_all() {
  std::vector<std::uint32_t> to;
  for (const auto* peer : transfers_->neighbours()) to.push_back(peer->number());
  std::vector<std::shared_ptr<Me>> first, second;
  for (const auto& [slot, me] : residents_->all()) (slot > last_asked_ ? first : second).push_back(me);
  first.insert(first.end(), second.begin(), second.end());
  for (const auto& me : first) {
    if (me->gone || me->driven || transfers_->is_under_way(*me)) continue;
    if (me->state != abi::State::living && me->state != abi::State::dormant) continue;
    if (!transfers_->room_for(to.size())) return;
    last_asked_ = me->slot;
    spawn(transfers_->propagate(me, to));
  }
}

}  // namespace agency::transfer
