// One ME, as the agency knows it.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "so3/abi/callbacks.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/abi/sequence.hpp"
#include "so3/agency/me/store_channel.hpp"

namespace agency {

// How far it has come here, whatever its state is.
enum class Attached : std::uint8_t {
  nothing,    // it has just been made, or rests since before its frontends ever connected
  activated,  // frontends and vbstore are up
  suspended,  // they are suspended, or some of them
  arrived,    // from elsewhere, where they were suspended; here there are none yet
};

struct Me {
  std::uint32_t slot = 0;
  std::uint32_t cpu = 0;
  std::uint64_t instance_id = 0, epoch = 0;
  bool exclusive_cpu = false;
  abi::State state = abi::State::booting;  // as last told to the engine
  std::string name;
  std::unique_ptr<StoreChannel> store;

  Attached attached = Attached::nothing;
  bool paused = false;  // its vCPU is stopped, for it rests
  bool held = false;    // the same, for as long as it is shown a page
  // What it has not had of the sequence that it left to rest.
  std::span<const abi::Step> owed;

  // The dc_event that it has not answered yet, and what it answered to the last one.
  abi::DcEvent unanswered = abi::DcEvent::none;
  std::int32_t answer = 0;

  // A sequence (injection, propagation, stop) drives it. Whoever wants to drive it next is refused; a kill is not.
  bool driven = false;
  std::string_view doing;  // the step it is in, or was in last
  // Its own cooperation is behind it: those that come next find it, or wait for it.
  bool has_cooperated = false;
  // A thread of it has asked for callbacks of others, or for a cooperation, and waits.
  bool calls_others = false;
  // Times that the console has it that this ME was refused an agency_ctl.
  std::uint32_t refusals_told = 0;
  // Reaped: the slot may be another ME's by now. Sequences look after each wait.
  bool gone = false;
  // How it ended, for whoever waited: a sentence, empty while it lives.
  std::string end;
};

}  // namespace agency
