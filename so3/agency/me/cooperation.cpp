#include "so3/agency/me/cooperation.hpp"

#include <algorithm>
#include <string>

#include "so3/abi/sequence.hpp"
#include "so3/agency/me/stopping.hpp"
#include "so3/agency/text.hpp"

namespace agency {

using abi::Domcall;
using abi::Role;
using abi::State;
using abi::Status;

namespace {

// How long residents in another sequence are waited for, all together.
constexpr std::uint64_t peers_max = 2000 * ms;
constexpr std::uint64_t peers_step = ms;

bool is_here(const Me& me) { return !me.gone && (me.state == State::living || me.state == State::dormant); }

// It is in a sequence at whose end it lives, most probably.
bool will_be_here(const Me& me) {
  return !me.gone && me.driven && (is_here(me) || me.state == State::suspended || me.has_cooperated);
}

bool match(const hypercall::DomainInfo& initiator, const hypercall::DomainInfo& resident) {
  return initiator.cooperates && (resident.cooperates || resident.spid == initiator.spid);
}

bool match(const Me& initiator, const Me& resident) {
  const auto own = hypercall::domain_info(initiator.slot), other = hypercall::domain_info(resident.slot);
  return own && other && match(*own, *other);
}

bool same_species(const Me& one, const Me& other) {
  const auto a = hypercall::domain_info(one.slot), b = hypercall::domain_info(other.slot);
  return a && b && a->spid == b->spid;
}

hypercall::Payload describe(Role role, const Me* peer, Cooperation::Page page) {
  const auto info =
      peer == nullptr ? hypercall::DomainInfo{} : hypercall::domain_info(peer->slot).value_or(hypercall::DomainInfo{});
  const bool alone = role == Role::initiator && peer == nullptr;
  return {static_cast<std::uint64_t>(role) | std::uint64_t{alone} << 32,
          peer == nullptr ? 0 : peer->slot | std::uint64_t{info.cooperates} << 32,
          info.spid,
          info.spadcaps,
          page.ipa,
          page.used | std::uint64_t{page.version} << 32};
}

std::uint32_t report_detail(Role role, bool alone) {
  return static_cast<std::uint32_t>(role) | std::uint32_t{alone} << 8;
}

}  // namespace

// The MEs that take part. No other sequence drives them meanwhile, and none of them is reaped before the end.
class Cooperation::Taken {
 public:
  explicit Taken(Residents& residents) : residents_{&residents} {}
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;
  ~Taken() {
    for (const auto& me : all_) residents_->let_go(me);
  }
  bool take(const std::shared_ptr<Me>& me) {
    if (contains(me)) return true;
    if (me->gone || me->driven) return false;
    me->driven = true;
    me->doing = abi::name(abi::Step::cooperate);
    all_.push_back(me);
    return true;
  }
  bool contains(const std::shared_ptr<Me>& me) const { return std::ranges::find(all_, me) != all_.end(); }
  const std::vector<std::shared_ptr<Me>>& all() const { return all_; }

 private:
  Residents* residents_;
  std::vector<std::shared_ptr<Me>> all_;
};

Task<Cooperation::Result> Cooperation::run(std::shared_ptr<Me> initiator) {
  const auto turn = co_await turns_.next();
  if (initiator->gone) co_return refuse(Status::bad_state, text("the ME: it %s", initiator->end.c_str()));
  Taken taken{*residents_};
  taken_ = &taken;
  auto result = co_await call_each(initiator, taken);
  taken_ = nullptr;
  initiator->has_cooperated = result.has_value();
  co_return std::move(result);
}

Task<Cooperation::Result> Cooperation::run_local(std::shared_ptr<Me> initiator) {
  const auto turn = co_await turns_.next();
  Taken taken{*residents_};
  if (initiator->gone || initiator->state != State::living)
    co_return refuse(Status::bad_state, "a local cooperation is for an ME that lives");
  if (!taken.take(initiator)) co_return std::unexpected{busy(*initiator)};
  taken_ = &taken;
  auto result = co_await call_each(initiator, taken);
  taken_ = nullptr;
  co_return std::move(result);
}

Task<Cooperation::Result> Cooperation::call_each(std::shared_ptr<Me> initiator, Taken& taken) {
  const bool left_out = co_await take_peers(*initiator, taken);
  bool alone = true;
  const auto peers = taken.all();  // more may be taken on the way
  for (const auto& peer : peers) {
    residents_->look(peer);
    if (peer == initiator || !is_here(*peer) || !match(*initiator, *peer)) continue;
    alone = false;
    if (auto called = co_await call_initiator(initiator, peer); !called) co_return std::move(called);
    if (initiator->state == State::dormant) co_return Done{};
  }
  if (alone && !left_out) co_return co_await call_initiator(initiator, nullptr);
  if (alone && taken.contains(initiator))
    co_return refuse(Status::busy, "whoever could take part is in another sequence: ask again");
  co_return Done{};
}

Task<bool> Cooperation::take_peers(const Me& initiator, Taken& taken) {
  const auto give_up = world_.loop.now() + peers_max;
  for (;;) {
    bool wait = false;
    // By slot, as published.
    std::vector<std::shared_ptr<Me>> residents;
    for (const auto& [slot, me] : residents_->all()) residents.push_back(me);
    for (const auto& me : residents) {
      if (me.get() == &initiator || taken.contains(me) || !match(initiator, *me)) continue;
      if (is_here(*me) && taken.take(me)) continue;
      if (!will_be_here(*me)) continue;
      wait = true;
      if (world_.loop.now() >= give_up)
        world_.report.say(
            text("ME %u (%s) does not take part in the cooperation of ME %u: it is in another sequence "
                 "for more than %llu s",
                 me->slot, me->name.c_str(), initiator.slot, static_cast<unsigned long long>(peers_max / (1000 * ms))));
    }
    if (!wait || world_.loop.now() >= give_up || initiator.gone) co_return wait;
    co_await world_.loop.until(world_.loop.now() + peers_step);
  }
}

Task<Cooperation::Result> Cooperation::call_initiator(std::shared_ptr<Me> me, std::shared_ptr<Me> target) {
  const auto payload = describe(Role::initiator, target.get(), {});
  const auto detail = report_detail(Role::initiator, target == nullptr);
  const auto answer = co_await domcalls_->run(me, Domcall::cooperate, payload, detail, target);
  if (!answer) co_return refuse(Status::bad_state, "the ME: " + answer.error());
  if (answer->value != 0)
    world_.report.say(
        text("ME %u (%s): cb_cooperate returned %d", me->slot, me->name.c_str(), static_cast<int>(answer->value)));
  if (me->state == State::killed || me->state == State::terminated)
    co_return refuse(Status::bad_state,
                     text("the ME declined: cb_cooperate set %.*s", AGENCY_SV(abi::name(me->state))));
  co_return Done{};
}

std::expected<std::shared_ptr<Me>, Refusal> Cooperation::find_other(const Caller& caller, std::uint64_t slot) const {
  if (slot < abi::first_me_slot || slot >= abi::max_domains)
    return refuse(Status::bad_argument,
                  text("%llu is no slot of an ME; they are %u to %u", static_cast<unsigned long long>(slot),
                       abi::first_me_slot, abi::max_domains - 1));
  auto me = residents_->find(static_cast<std::uint32_t>(slot));
  if (me) residents_->look(me);
  if (!me || me->gone)
    return refuse(Status::not_found, text("slot %llu is empty", static_cast<unsigned long long>(slot)));
  if (me == caller.me) return refuse(Status::bad_argument, "it is about another ME, not the one that asks");
  return me;
}

Task<Cooperation::Result> Cooperation::call_target(const Caller& caller, std::uint64_t slot, Page page) {
  const auto target = find_other(caller, slot);
  if (!target) co_return std::unexpected{target.error()};
  if (page.ipa % abi::page_size != 0 || page.used > abi::page_size)
    co_return refuse(Status::bad_argument,
                     text("a page to show begins at a multiple of %zu and holds as much", abi::page_size));
  if (caller.domcall) {
    if (!caller.role || taken_ == nullptr)
      co_return refuse(Status::bad_state, "a target is called in cb_cooperate, or from a thread");
    co_return co_await call_with_page(caller, *target, page);
  }
  const auto turn = co_await turns_.next();
  Taken taken{*residents_};
  if (caller.me->gone || caller.me->state != State::living)
    co_return refuse(Status::bad_state, "a thread cooperates while its ME lives");
  if (!taken.take(caller.me)) co_return std::unexpected{busy(*caller.me)};
  taken_ = &taken;
  auto result = co_await call_with_page(caller, *target, page);
  taken_ = nullptr;
  co_return std::move(result);
}

Task<Cooperation::Result> Cooperation::call_with_page(const Caller& caller, std::shared_ptr<Me> target, Page page) {
  if (!is_here(*target) || !match(*caller.me, *target))
    co_return refuse(Status::denied, text("ME %u does not cooperate with this one: it neither lives nor rests, or one "
                                          "of the two is not willing",
                                          target->slot));
  if (auto refusal = domcalls_->may_nest(caller, *target)) co_return std::unexpected{std::move(*refusal)};
  if (!taken_->take(target)) co_return std::unexpected{busy(*target)};
  // It sees the page in cb_cooperate only: its own vCPU stands for as long as the page is there.
  const bool hold = page.ipa != 0 && !target->paused && !target->held;
  if (hold) {
    const auto stopped = co_await stop_vcpu(world_.loop, *residents_, target);
    if (!stopped)
      co_return refuse(stopped.error(), text("the vCPU of ME %u (%s) cannot be stopped: %.*s", target->slot,
                                             target->name.c_str(), AGENCY_SV(abi::name(stopped.error()))));
    target->held = true;
  }
  auto result = co_await call_with_page_lent(caller, target, page);
  if (hold && !target->gone) {
    target->held = false;
    static_cast<void>(hypercall::domain_unpause(target->slot));
  }
  co_return std::move(result);
}

Task<Cooperation::Result> Cooperation::call_with_page_lent(const Caller& caller, std::shared_ptr<Me> target,
                                                           Page page) {
  if (page.ipa != 0) {
    const auto lent = hypercall::page_lend(caller.me->slot, page.ipa, target->slot);
    if (!lent)
      co_return refuse(lent.error(), text("the page at 0x%llx cannot be shown to ME %u: %.*s",
                                          static_cast<unsigned long long>(page.ipa), target->slot,
                                          AGENCY_SV(abi::name(lent.error()))));
    page.ipa = *lent;
  }
  const auto payload = describe(Role::target, caller.me.get(), page);
  const auto detail = report_detail(Role::target, false);
  const auto answer = co_await domcalls_->run_for(caller, target, Domcall::cooperate, payload, detail, caller.me);
  if (page.ipa != 0 && !target->gone) static_cast<void>(hypercall::page_return(target->slot));
  if (!answer)
    co_return refuse(Status::not_found,
                     text("ME %u (%s) as target: %s", target->slot, target->name.c_str(), answer.error().c_str()));
  if (answer->value != 0)
    co_return refuse(Status::denied, text("cb_cooperate of ME %u (%s) as target returned %d", target->slot,
                                          target->name.c_str(), static_cast<int>(answer->value)));
  co_return Done{};
}

// Of the present cooperation, in a domcall of it; and not somebody who asks meanwhile.
bool Cooperation::is_part(const Caller& caller) const {
  return caller.domcall && taken_ != nullptr && (caller.role || taken_->contains(caller.me));
}

Task<Cooperation::Result> Cooperation::ask_to_die(const Caller& caller, std::uint64_t slot) {
  const auto found = find_other(caller, slot);
  if (!found) co_return std::unexpected{found.error()};
  const auto victim = *found;
  if (victim != caller.partner && !same_species(*caller.me, *victim))
    co_return refuse(Status::denied,
                     text("ME %u is neither of the same species nor the partner of this cooperation", victim->slot));
  if (auto refusal = domcalls_->may_nest(caller, *victim)) co_return std::unexpected{std::move(*refusal)};
  // The partner, and whoever else takes part, ends with the cooperation; another one when it has answered.
  Taken taken{*residents_};
  const bool takes_part = victim == caller.partner || (is_part(caller) && taken_->contains(victim));
  if (!takes_part && (!is_here(*victim) || !taken.take(victim))) co_return std::unexpected{busy(*victim)};
  const auto answer = co_await domcalls_->run_for(caller, victim, Domcall::kill_me);
  if (!answer)
    co_return refuse(Status::not_found,
                     text("ME %u (%s): %s", victim->slot, victim->name.c_str(), answer.error().c_str()));
  if (victim->state != State::killed)
    co_return refuse(Status::denied,
                     text("ME %u (%s) refuses to be killed: cb_kill_me returned %d and left it in %.*s", victim->slot,
                          victim->name.c_str(), static_cast<int>(answer->value), AGENCY_SV(abi::name(victim->state))));
  co_return Done{};
}

}  // namespace agency
