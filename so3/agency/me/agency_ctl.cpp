#include "so3/agency/me/agency_ctl.hpp"

#include <algorithm>
#include <cstring>

#include "so3/abi/devcaps.hpp"
#include "so3/agency/bus/bus.hpp"
#include "so3/agency/me/cooperation.hpp"
#include "so3/agency/text.hpp"

namespace agency {
namespace {

using abi::Status;
using hypercall::Payload;

// An ME may ask for as long as it lives; the console has the first refusals.
constexpr std::uint32_t refusals_told = 8;

std::uint32_t low(std::uint64_t word) { return static_cast<std::uint32_t>(word); }
std::uint32_t high(std::uint64_t word) { return static_cast<std::uint32_t>(word >> 32); }

// What is answered by callbacks, perhaps of many MEs.
bool calls_mes(std::uint32_t command) {
  const auto which = static_cast<abi::AgencyCtl>(command);
  return which == abi::AgencyCtl::cooperate || which == abi::AgencyCtl::kill_me ||
         which == abi::AgencyCtl::local_cooperate;
}

}  // namespace

Task<Payload> AgencyCtl::serve(const Caller& caller, std::uint32_t command, Payload payload) {
  Answer result = Payload{};
  if (!calls_mes(command)) result = answer(command, payload);
  else if (caller.domcall) result = co_await call(caller, command, payload);
  else result = co_await call_in_turn(caller, command, payload);
  if (result) co_return *result;
  tell(*caller.me, command, result.error());
  co_return Payload{static_cast<std::uint64_t>(result.error().status)};
}

auto AgencyCtl::call(const Caller& caller, std::uint32_t command, Payload payload) -> Task<Answer> {
  Cooperation::Result done = Done{};
  switch (static_cast<abi::AgencyCtl>(command)) {
    case abi::AgencyCtl::cooperate: {
      const Cooperation::Page page{payload[1], low(payload[2]), high(payload[2])};
      done = co_await cooperation_->call_target(caller, payload[0], page);
      break;
    }
    case abi::AgencyCtl::kill_me: done = co_await cooperation_->ask_to_die(caller, payload[0]); break;
    default:
      if (caller.domcall) {
        done = refuse(Status::bad_state, "a local cooperation is for threads: a domcall has no time for it");
        break;
      }
      done = co_await cooperation_->run_local(caller.me);
      break;
  }
  if (!done) co_return std::unexpected{done.error()};
  co_return Payload{};
}

auto AgencyCtl::call_in_turn(const Caller& thread, std::uint32_t command, Payload payload) -> Task<Answer> {
  const auto me = thread.me;
  if (me->calls_others)
    co_return refuse(Status::busy, "another thread of it has asked for a call of MEs, and is not answered yet");
  me->calls_others = true;
  const auto turn = co_await turns_.next();
  if (loop_->now() < not_before_) co_await loop_->until(not_before_);
  Answer result = refuse(Status::bad_state, "the ME is gone");
  if (!me->gone) {
    const auto began = loop_->now();
    result = co_await call(thread, command, payload);
    const auto ended = loop_->now();
    not_before_ = ended + (ended - began);
  }
  me->calls_others = false;
  co_return std::move(result);
}

void AgencyCtl::serve_thread(const std::shared_ptr<Me>& me, std::uint32_t id,
                             const abi::vbstore::AgencyCtlWords& words) {
  spawn(answer_thread(me, id, words));
}

Task<Done> AgencyCtl::answer_thread(std::shared_ptr<Me> me, std::uint32_t id, abi::vbstore::AgencyCtlWords words) {
  // Not from within its store page: what it asks for may end it.
  co_await loop_->until(loop_->now());
  Caller thread;
  thread.me = me;
  Payload payload{};
  std::ranges::copy(words.words, payload.begin());
  // A command beyond 32 bits is none.
  const auto answer = co_await serve(thread, high(words.command) != 0 ? 0 : low(words.command), payload);
  std::ranges::copy(answer, words.words);
  if (!me->gone) me->store->answer(id, words);
  co_return Done{};
}

auto AgencyCtl::answer(std::uint32_t command, const Payload& payload) const -> Answer {
  switch (static_cast<abi::AgencyCtl>(command)) {
    case abi::AgencyCtl::agency_uid: return Payload{0, place_->uid};
    case abi::AgencyCtl::soo_name: {
      Payload answer{};
      std::memcpy(&answer[1], place_->name.data(), place_->name.size());
      return answer;
    }
    case abi::AgencyCtl::get_state: {
      if (payload[0] < abi::first_me_slot || payload[0] >= abi::max_domains)
        return refuse(Status::bad_argument, "no such slot");
      const auto info = hypercall::domain_info(static_cast<std::uint32_t>(payload[0]));
      if (!info) return refuse(info.error(), "the slot is empty");
      return Payload{0, static_cast<std::uint64_t>(info->state)};
    }
    case abi::AgencyCtl::check_devcaps_class:
    case abi::AgencyCtl::check_devcaps: {
      const auto cls = payload[0], attributes = payload[1];
      if (cls == 0 || cls > abi::devcaps::class_max)
        return refuse(Status::bad_argument, "device classes are 0x01 to 0xff");
      const auto offered = bus_->devcaps(static_cast<std::uint8_t>(cls));
      if (command == static_cast<std::uint32_t>(abi::AgencyCtl::check_devcaps_class)) return Payload{0, offered != 0};
      if (attributes == 0 || attributes > abi::devcaps::attributes_max)
        return refuse(Status::bad_argument, "device attributes are 24 bits, at least one of them set");
      return Payload{0, (offered & attributes) == attributes};
    }
    case abi::AgencyCtl::agency_upgrade:
    case abi::AgencyCtl::inject_me:
      return refuse(Status::not_supported, "images come through the engine, not through MEs");
    default: break;
  }
  return refuse(Status::not_supported, "this agency does not serve it");
}

void AgencyCtl::tell(Me& me, std::uint32_t command, const Refusal& refusal) {
  if (me.gone || me.refusals_told == refusals_told) return;
  ++me.refusals_told;
  report_->say(text("ME %u (%s) asked for agency_ctl 0x%x: %.*s (%s)%s", me.slot, me.name.c_str(), command,
                    AGENCY_SV(abi::name(refusal.status)), refusal.text.c_str(),
                    me.refusals_told == refusals_told ? "; what else it is refused is not told" : ""));
}

}  // namespace agency
