#include "so3/agency/me/residents.hpp"

#include "so3/agency/text.hpp"

namespace agency {

using abi::State;

Refusal busy(const Me& me) {
  return {abi::Status::busy, text("ME %u (%s) is busy with %.*s: wait, or `me kill %u`", me.slot, me.name.c_str(),
                                  AGENCY_SV(me.doing), me.slot)};
}

Refusal empty(std::uint32_t slot) {
  return {abi::Status::not_found, text("slot %u is empty; `me ps` lists those in use", slot)};
}

std::uint64_t Residents::new_instance() {
  const auto id = instance_base_ + ++instances_;
  return id != 0 ? id : instance_base_ + ++instances_;
}

hypercall::Result<std::shared_ptr<Me>> Residents::create(Wanted wanted, std::uint32_t cpu) {
  const auto flags = static_cast<abi::CreateFlags>(
      (wanted.exclusive_cpu ? static_cast<std::uint64_t>(abi::CreateFlags::exclusive_cpu) : 0) |
      (wanted.migrating ? static_cast<std::uint64_t>(abi::CreateFlags::migrating) : 0));
  const auto id = wanted.instance_id != 0 ? wanted.instance_id : new_instance();
  const auto slot = hypercall::domain_create(wanted.ram_bytes, cpu, flags, id, wanted.epoch);
  if (!slot) return std::unexpected{slot.error()};
  auto store = StoreChannel::open(*slot, world_.store, world_.grants, world_.bells, *this);
  if (!store) {
    static_cast<void>(hypercall::domain_destroy(*slot));
    return std::unexpected{store.error()};
  }
  std::shared_ptr<Me> me{new Me};
  me->slot = *slot;
  me->cpu = cpu;
  me->instance_id = id;
  me->epoch = wanted.epoch;
  me->exclusive_cpu = wanted.exclusive_cpu;
  me->state = wanted.migrating ? State::migrating : State::booting;
  me->attached = wanted.migrating ? Attached::arrived : Attached::nothing;
  me->paused = wanted.migrating;  // from domain_restore
  me->name = std::move(wanted.name);
  me->store = std::move(*store);
  world_.bus.follow(*slot);
  mes_[*slot] = me;
  world_.report.name(*slot, me->name);
  world_.report.state(*slot, State::dead, me->state);
  return me;
}

std::shared_ptr<Me> Residents::find(std::uint32_t slot) const {
  const auto found = mes_.find(slot);
  return found == mes_.end() ? nullptr : found->second;
}

void Residents::follow_changes() {
  while (const auto slot = hypercall::domain_next_change().value_or(0)) {
    if (const auto me = find(slot)) look(me);
    world_.loop.notify(slot);
  }
}

void Residents::look(const std::shared_ptr<Me>& me) {
  if (me->gone) return;
  const auto info = hypercall::domain_info(me->slot);
  const auto crash = info ? info->crash : abi::CrashReason::none;
  if (!info || info->state == State::dead) {
    reap(me, crash != abi::CrashReason::none ? text("crashed: %s", abi::name(crash)) : std::string{"is dead"}, crash);
    return;
  }
  const bool changed = info->state != me->state;
  if (changed) {
    if (me->state == State::booting && info->state == State::preparing) world_.report.callbacks_init(me->slot);
    changed_to(*me, info->state);
  }
  const bool answered = take_answer(*me);
  if ((changed || answered) && !me->driven) see_to(me);
}

void Residents::changed_to(Me& me, State state) {
  world_.report.state(me.slot, me.state, state);
  me.state = state;
}

// In time or late: the mailbox is free again.
bool Residents::take_answer(Me& me) {
  if (me.unanswered == abi::DcEvent::none) return false;
  const auto answer = hypercall::dc_event_result(me.slot);
  if (!answer || answer->event != me.unanswered) return false;
  if (abi::is_callback(me.unanswered)) world_.report.ended(me.slot, me.unanswered, answer->result);
  me.unanswered = abi::DcEvent::none;
  me.answer = answer->result;
  return true;
}

void Residents::let_go(const std::shared_ptr<Me>& me) {
  me->driven = false;
  if (!me->gone) see_to(me);
}

// What it did by itself, in a callback or a thread: no sequence sees to it.
void Residents::see_to(const std::shared_ptr<Me>& me) {
  if (me->state == State::killed) return reap(me, "killed itself");
  if (me->state == State::terminated) return terminated_(me);
  if (me->unanswered != abi::DcEvent::none) return;  // the mailbox is its own: until it answers
  const bool rests = me->state == State::dormant && !me->paused;
  const bool woke = me->state == State::living && (me->paused || me->attached != Attached::activated);
  if (rests || woke) unsettled_(me);
}

void Residents::reap(const std::shared_ptr<Me>& me, const std::string& why, abi::CrashReason crash) {
  if (me->gone) return;
  me->gone = true;
  me->end = why;
  world_.bus.forget(me->slot);
  me->store.reset();
  world_.store.remove_domain(me->slot);
  const auto destroyed = hypercall::domain_destroy(me->slot);
  world_.report.say(text("ME %u (%s) %s", me->slot, me->name.c_str(), why.c_str()));
  if (!destroyed && destroyed.error() != abi::Status::not_found)
    world_.report.say(text("the slot %u stays taken: avz cannot destroy the domain (%.*s)", me->slot,
                           AGENCY_SV(abi::name(destroyed.error()))));
  world_.report.state(me->slot, me->state, State::dead, crash);
  me->state = State::dead;
  mes_.erase(me->slot);
  world_.loop.notify(me->slot);
}

void Residents::store_broken(std::uint32_t slot, const char* why) {
  const auto me = find(slot);
  world_.report.say(text("ME %u (%s) is cut off from vbstore: %s", slot, me ? me->name.c_str() : "?", why));
}

void Residents::store_asked(std::uint32_t slot, std::uint32_t id, const Connection::Words& words) {
  if (const auto me = find(slot)) asked_(me, id, words);
}

}  // namespace agency
