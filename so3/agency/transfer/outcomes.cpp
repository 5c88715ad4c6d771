#include "so3/agency/transfer/outcomes.hpp"

#include <algorithm>

namespace agency::transfer {
namespace {

constexpr std::size_t text_max = 200;

}  // namespace

void Outcomes::remember(const Id& id, Outcome outcome) {
  if (outcome.refusal.text.size() > text_max) outcome.refusal.text.resize(text_max);
  if (!outcomes_.try_emplace(id, std::move(outcome)).second) return;
  order_.push_back(id);
  if (order_.size() <= max) return;
  outcomes_.erase(order_.front());
  order_.pop_front();
}

const Outcomes::Outcome* Outcomes::find(const Id& id) const {
  const auto found = outcomes_.find(id);
  return found == outcomes_.end() ? nullptr : &found->second;
}

void Departures::remember(const Id& id) {
  const auto [entry, fresh] = epochs_.try_emplace(id.instance, id.epoch);
  entry->second = std::max(entry->second, id.epoch);
  if (!fresh) std::erase(order_, id.instance);
  order_.push_back(id.instance);
  if (order_.size() <= max) return;
  epochs_.erase(order_.front());
  order_.pop_front();
}

bool Departures::left(const Id& id) const {
  const auto found = epochs_.find(id.instance);
  return found != epochs_.end() && id.epoch <= found->second;
}

}  // namespace agency::transfer
