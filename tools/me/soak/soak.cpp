#include "tools/me/soak/soak.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

namespace me::soak {

using engine::fail;
using Clock = std::chrono::steady_clock;

namespace {

constexpr std::chrono::seconds patience{60};
constexpr std::uint64_t megabyte = 1 << 20;
constexpr std::uint64_t me_slack = 3 * megabyte;
// From when on a QEMU has had all it needs in its hands once, and how much of that may be chance.
constexpr std::uint64_t settled_hops = 500, qemu_slack = 12 * megabyte;

// Outcomes of transfers, of which the agency remembers so many; buffers; blocks that its heap keeps at hand.
constexpr std::uint32_t heap_slack = 320 << 10;

// With chaos, one hop in so many is something else.
constexpr std::uint64_t one_in_copies = 8, one_in_deaths = 40;

}  // namespace

Soak::Soak(const Plan& plan, engine::Options options, engine::Capsule traveller, engine::Capsule nomad)
    : plan_{plan}, traveller_{std::move(traveller)}, nomad_{std::move(nomad)}, random_{plan.seed} {
  for (unsigned i = 0; i < plan.objects; ++i) {
    options.name = fmt::format("soak{}", i + 1);
    options.gic = i % 2 == 0 ? 3 : 2;
    places_.emplace_back(options);
  }
}

std::size_t Soak::neighbour_of(std::size_t place) {
  return (place + (pick(2) == 0 ? 1 : places_.size() - 1)) % places_.size();
}

Result<> Soak::run() {
  if (auto begun = begin(); !begun) return begun;
  std::vector<std::uint64_t> middle;
  while (tally_.hops < plan_.hops) {
    if (middle.empty() && tally_.hops >= plan_.hops / 2) middle = footprint();
    if (tally_.hops % 10 == 0) note_peak();
    if (auto hopped = hop(); !hopped) return hopped;
    if (tally_.hops % 100 != 0) continue;
    if (auto told = tell_progress(); !told) return told;
  }
  if (auto flat = judge_footprint(middle); !flat) return flat;
  return end();
}

// The most that any of them has had, up to the middle: they are alike, and one that was started anew begins small.
void Soak::note_peak() {
  if (tally_.hops > std::max<std::uint64_t>(plan_.hops / 2, settled_hops)) return;
  for (const auto& place : places_) qemu_peak_ = std::max(qemu_peak_, place.resident_bytes());
}

Result<> Soak::tell_progress() {
  std::vector<std::string> use;
  for (auto& place : places_) {
    const auto info = place.so().info();
    if (!info) return std::unexpected(info.error());
    use.push_back(
        fmt::format("{} {} KB + {} MB", place.name(), info->agency_heap >> 10, place.resident_bytes() / megabyte));
  }
  remark(fmt::format("me: {} of {} hops; agency and QEMU: {}; me: {} MB", tally_.hops, plan_.hops, fmt::join(use, ", "),
                     resident_bytes(::getpid()) / megabyte));
  return {};
}

Result<> Soak::begin() {
  for (auto& place : places_)
    if (auto started = place.start(); !started) return started;
  // Two are neighbours once, not twice.
  for (std::size_t i = 0; i + (places_.size() == 2 ? 1 : 0) < places_.size(); ++i)
    if (auto linked = engine::SmartObject::link(places_[i].so(), places_[(i + 1) % places_.size()].so()); !linked)
      return linked;
  for (unsigned i = 0; i < plan_.mes; ++i)
    if (auto injected = inject(i % places_.size()); !injected) return injected;
  return census();
}

// Every third looks at itself; the others are looked at from here.
Result<> Soak::inject(std::size_t at) {
  const bool tells = tally_.injected++ % 3 != 2;
  auto& place = places_[at];
  const auto born = Clock::now();
  const auto slot = place.so().inject(tells ? traveller_ : nomad_);
  if (!slot) return std::unexpected(slot.error());
  const auto all = place.so().list();
  if (!all) return std::unexpected(all.error());
  const auto found = std::ranges::find(*all, *slot, &engine::MeInfo::slot);
  if (found == all->end())
    return fail(Errc::failed, fmt::format("slot {} of {} is not in its list", *slot, place.name()));
  mes_.push_back({.instance = found->instance_id,
                  .epoch = found->epoch,
                  .place = at,
                  .slot = *slot,
                  .memory = tells ? std::make_unique<traveller::Memory>() : nullptr,
                  .born = born});
  if (!tells) return {};
  const auto said = place.line(*slot, "born");
  if (!said) return std::unexpected(said.error());
  return mes_.back().check(*said, place.name());
}

Result<> Soak::hop() {
  auto& me = mes_[pick(mes_.size())];
  const auto to = neighbour_of(me.place);
  // The same numbers are drawn with and without chaos.
  const bool copies = pick(one_in_copies) == 0, dies = pick(one_in_deaths) == 0;
  ++tally_.hops;
  Result<> done;
  const bool death = plan_.chaos && dies, copy = plan_.chaos && copies && !dies && me.tells();
  if (plan_.verbose)
    remark(fmt::format("me: hop {}: ME {:x} {} from {}, slot {}, to {}", tally_.hops, me.instance,
                       death  ? "moves, and one of the two dies,"
                       : copy ? "propagates"
                              : "moves",
                       places_[me.place].name(), me.slot, places_[to].name()));
  if (death) done = die(me, to);
  else if (copy) done = propagate(me, to);
  else done = move(me, to);
  if (!done) return done;
  for (auto& place : places_)
    if (const auto altered = place.complaint()) return fail(Errc::failed, *altered);
  return census();
}

Result<> Soak::arrived(Traveller& me, std::size_t to, std::uint32_t slot) {
  me.place = to;
  me.slot = slot;
  ++me.trips;
  if (!me.tells()) return {};
  const auto said = places_[to].line(slot, "active");
  if (!said) return std::unexpected(said.error());
  return me.check(*said, places_[to].name());
}

Result<> Soak::move(Traveller& me, std::size_t to) {
  const auto slot = places_[me.place].so().migrate(me.slot, places_[to].name());
  if (!slot) return std::unexpected(slot.error());
  return arrived(me, to, *slot);
}

// The copy is another ME from here on. Then one of the two is killed: there are never more of them.
Result<> Soak::propagate(Traveller& me, std::size_t to) {
  std::set<std::uint64_t> before;
  const auto there = places_[to].so().list();
  if (!there) return std::unexpected(there.error());
  for (const auto& other : *there) before.insert(other.instance_id);
  const auto said = places_[me.place].so().propagate(me.slot, places_[to].name());
  if (!said) return std::unexpected(said.error());
  const auto after = places_[to].so().list();
  if (!after) return std::unexpected(after.error());
  const auto found = std::ranges::find_if(*after, [&](const auto& m) { return !before.contains(m.instance_id); });
  if (found == after->end())
    return fail(Errc::failed, fmt::format("no copy came to {}: {}", places_[to].name(), *said));
  ++tally_.copies;
  auto copy = me.copy();
  copy.instance = found->instance_id;
  copy.epoch = found->epoch;
  if (auto good = arrived(copy, to, found->slot); !good) return good;
  // The resident has been active again, too.
  const auto resident = places_[me.place].line(me.slot, "active");
  if (!resident) return std::unexpected(resident.error());
  if (auto good = me.check(*resident, places_[me.place].name()); !good) return good;
  if (pick(2) == 0) return kill(copy);
  if (auto killed = kill(me); !killed) return killed;
  me = std::move(copy);
  return {};
}

Result<> Soak::kill(const Traveller& me) { return places_[me.place].so().kill(me.slot); }

// One of the two smart objects is killed at some moment of a move.
Result<> Soak::die(Traveller& me, std::size_t to) {
  const auto from = me.place;
  const auto victim = pick(2) == 0 ? from : to;
  auto& watched = places_[pick(2) == 0 ? from : to];
  const auto moment = pick(4);  // so many changes of the transfer are let pass
  const auto events = watched.so().subscribe();
  Result<std::uint32_t> moved = fail(Errc::failed, "");
  std::atomic<bool> over = false;
  std::thread moving([&] {
    moved = places_[from].so().migrate(me.slot, places_[to].name());
    over = true;
  });
  for (std::uint64_t seen = 0; seen < moment && !over;) {
    const auto event = events->next(Clock::now() + std::chrono::milliseconds(1));
    if (event && std::holds_alternative<engine::TransferChanged>(*event)) ++seen;
  }
  const auto killed = places_[victim].kill();
  moving.join();
  if (!killed) return killed;
  ++tally_.deaths;
  if (plan_.verbose)
    remark(fmt::format("me: {} died, and the move {}", places_[victim].name(),
                       moved ? "was done" : "failed: " + moved.error().message));

  const auto instance = me.instance;
  const auto survivor = victim == from ? to : from;
  const auto all = settled(survivor);
  if (!all) return std::unexpected(all.error());
  const auto found = std::ranges::find(*all, instance, &engine::MeInfo::instance_id);
  const bool is_there = found != all->end();
  if (victim == from && moved && !is_there)
    return fail(Errc::failed, fmt::format("ME {:x} had moved to {} and is not there", instance, places_[to].name()));
  if (victim == to && is_there == moved.has_value())
    return fail(Errc::failed, fmt::format("ME {:x} {} when {} died", instance,
                                          moved ? "moved away and is still there" : "was lost", places_[to].name()));
  if (is_there) {
    ++tally_.survived_death;
    if (victim == from)
      if (auto good = arrived(me, to, found->slot); !good) return good;
  } else {
    me.place = victim;  // with its holder
  }
  return revive(victim);
}

// A move that its sender cannot end any more comes to its end by itself.
Result<std::vector<engine::MeInfo>> Soak::settled(std::size_t place) {
  for (const auto deadline = Clock::now() + patience;; std::this_thread::sleep_for(std::chrono::milliseconds(1))) {
    auto all = places_[place].so().list();
    if (!all || std::ranges::all_of(*all, [](const auto& me) { return me.state == abi::State::living; })) return all;
    if (Clock::now() > deadline)
      return fail(Errc::timed_out, fmt::format("an ME of {} neither lives nor goes", places_[place].name()));
  }
}

Result<> Soak::revive(std::size_t place) {
  const auto lost = std::erase_if(mes_, [&](const auto& me) { return me.place == place; });
  tally_.lost_with_host += static_cast<unsigned>(lost);
  if (auto started = places_[place].start(); !started) return started;
  std::set<std::size_t> around{(place + 1) % places_.size(), (place + places_.size() - 1) % places_.size()};
  for (const auto other : around) {
    // It may not have heard yet that its neighbour has gone.
    const auto deadline = Clock::now() + patience;
    for (;;) {
      const auto known = places_[other].so().neighbours();
      if (!known) return std::unexpected(known.error());
      if (std::ranges::none_of(*known, [&](const auto& n) { return n.name == places_[place].name(); })) break;
      if (Clock::now() > deadline)
        return fail(Errc::timed_out,
                    fmt::format("{} takes {} for alive", places_[other].name(), places_[place].name()));
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (auto linked = engine::SmartObject::link(places_[place].so(), places_[other].so()); !linked) return linked;
  }
  for (std::size_t i = 0; i < lost; ++i)
    if (auto injected = inject(place); !injected) return injected;
  return {};
}

Result<> Soak::census() {
  for (std::size_t i = 0; i < places_.size(); ++i) {
    const auto all = places_[i].so().list();
    if (!all) return std::unexpected(all.error());
    auto expected = std::ranges::count(mes_, i, &Traveller::place);
    for (const auto& found : *all) {
      const auto me = std::ranges::find(mes_, found.instance_id, &Traveller::instance);
      if (me == mes_.end() || me->place != i)
        return fail(Errc::failed, fmt::format("ME {:x} is doubled: at {}, slot {}, where it must not be",
                                              found.instance_id, places_[i].name(), found.slot));
      if (found.state != abi::State::living || found.slot != me->slot || found.epoch < me->epoch)
        return fail(
            Errc::failed,
            fmt::format("ME {:x} at {}: slot {}, {}, epoch {}; expected slot {}, living, epoch {}", found.instance_id,
                        places_[i].name(), found.slot, abi::name(found.state), found.epoch, me->slot, me->epoch));
      me->epoch = found.epoch;
      --expected;
    }
    if (expected != 0)
      return fail(Errc::failed, fmt::format("{} MEs that must be at {} are lost", expected, places_[i].name()));
  }
  return {};
}

std::vector<std::uint64_t> Soak::footprint() const {
  std::vector<std::uint64_t> bytes{resident_bytes(::getpid())};
  for (const auto& place : places_) bytes.push_back(place.resident_bytes());
  return bytes;
}

// QEMU: what its machine has, what it translates, and what it is itself; and, of a long run, no more than any had up to the
// middle. This program: no more than in the middle.
Result<> Soak::judge_footprint(const std::vector<std::uint64_t>& middle) {
  const auto now = footprint();
  for (std::size_t i = 0; i < now.size(); ++i) {
    const auto name = i == 0 ? std::string("me") : "QEMU of " + places_[i - 1].name();
    const bool settled = tally_.hops >= 2 * settled_hops;
    const auto limit = i == 0    ? middle[0] + me_slack
                       : settled ? std::min(qemu_peak_ + qemu_slack, places_[i - 1].qemu_bytes_max())
                                 : places_[i - 1].qemu_bytes_max();
    memory_.push_back({{"process", name}, {"in_the_middle", middle[i]}, {"at_the_end", now[i]}, {"limit", limit}});
    if (now[i] > limit)
      return fail(Errc::failed, fmt::format("{} has {} MB in memory, and was to have {} MB at most", name,
                                            now[i] / megabyte, limit / megabyte));
  }
  return {};
}

// What MEs had is free again: to the last page.
Result<> Soak::end() {
  for (const auto& me : mes_)
    if (auto killed = kill(me); !killed) return killed;
  mes_.clear();
  if (auto empty = census(); !empty) return empty;
  for (auto& place : places_) {
    const auto info = place.so().info();
    if (!info) return std::unexpected(info.error());
    const auto& before = place.at_start();
    memory_.push_back({{"agency", place.name()},
                       {"free_at_start", before.memory_free},
                       {"free_at_the_end", info->memory_free},
                       {"heap_at_start", before.agency_heap},
                       {"heap_at_the_end", info->agency_heap}});
    if (info->memory_free != before.memory_free)
      return fail(Errc::failed,
                  fmt::format("{} had {} bytes free when it started, and has {} now that its MEs are gone",
                              place.name(), with_commas(before.memory_free), with_commas(info->memory_free)));
    if (info->agency_heap > before.agency_heap + heap_slack)
      return fail(Errc::failed,
                  fmt::format("the agency of {} had {} bytes in use when it started, and has {} now that its "
                              "MEs are gone",
                              place.name(), with_commas(before.agency_heap), with_commas(info->agency_heap)));
    if (auto off = place.so().power_off(); !off) return off;
  }
  return {};
}

}  // namespace me::soak
