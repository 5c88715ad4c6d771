#include "so3/agency/me/residents.hpp"

#include "so3/agency/text.hpp"

namespace agency {

using abi::State;

hypercall::Result<std::shared_ptr<Me>> Residents::create(std::uint64_t ram_bytes, std::uint32_t cpu, bool exclusive,
                                                         std::string name) {
  const auto flags = exclusive ? abi::CreateFlags::exclusive_cpu : abi::CreateFlags::none;
  const auto id = next_instance_;
  const auto slot = hypercall::domain_create(ram_bytes, cpu, flags, id, 0);
  if (!slot) return std::unexpected{slot.error()};
  ++next_instance_;
  auto store = StoreChannel::open(*slot, world_.store, world_.grants, world_.bells, *this);
  if (!store) {
    static_cast<void>(hypercall::domain_destroy(*slot));
    return std::unexpected{store.error()};
  }
  std::shared_ptr<Me> me{new Me};
  me->slot = *slot;
  me->cpu = cpu;
  me->instance_id = id;
  me->exclusive_cpu = exclusive;
  me->name = std::move(name);
  me->store = std::move(*store);
  world_.bus.follow(*slot);
  mes_[*slot] = me;
  world_.report.state(*slot, State::dead, State::booting);
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
  take_answer(*me);
  if (info->state == me->state) return;
  if (me->state == State::booting && info->state == State::preparing) world_.report.callbacks_init(me->slot);
  world_.report.state(me->slot, me->state, info->state);
  me->state = info->state;
  if (!me->driven) see_to_its_end(me);
}

// In time or late: the mailbox is free again.
void Residents::take_answer(Me& me) {
  if (me.unanswered == abi::DcEvent::none) return;
  const auto answer = hypercall::dc_event_result(me.slot);
  if (!answer || answer->event != me.unanswered) return;
  if (abi::is_callback(me.unanswered)) world_.report.ended(me.slot, me.unanswered, answer->result);
  me.unanswered = abi::DcEvent::none;
  me.answer = answer->result;
}

void Residents::let_go(const std::shared_ptr<Me>& me) {
  me->driven = false;
  if (!me->gone) see_to_its_end(me);
}

// It ended by itself, in a cooperation: no sequence will see to it.
void Residents::see_to_its_end(const std::shared_ptr<Me>& me) {
  if (me->state == State::killed) reap(me, "killed itself");
  if (me->state == State::terminated) terminated_(me);
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

}  // namespace agency
