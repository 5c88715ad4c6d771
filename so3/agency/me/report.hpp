// What the rest of the world hears of MEs: the engine as events, people on the console.
#pragma once
#include <cstdint>

#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/agency/link/link.hpp"
#include "so3/agency/logs.hpp"
#include "so3/agency/trace.hpp"

namespace agency {

class Report {
 public:
  Report(Link& link, Console console, Tracing& trace) : link_{&link}, console_{console}, trace_{&trace} {}

  void state(std::uint32_t slot, abi::State from, abi::State to, abi::CrashReason crash = abi::CrashReason::none);
  void begins(std::uint32_t slot, abi::Domcall callback, std::uint32_t detail = 0);
  void ended(std::uint32_t slot, abi::Domcall callback, std::int32_t result, std::uint32_t detail = 0);
  void begins(std::uint32_t slot, abi::DcEvent callback);
  void ended(std::uint32_t slot, abi::DcEvent callback, std::int32_t result);
  void callbacks_init(std::uint32_t slot);
  void transfer(const abi::link::TransferChange& change);
  // Who is in the slot from here on.
  void name(std::uint32_t slot, std::string_view name) { trace_->name(slot, name); }

  // One line, without '\n', said by the agency.
  void say(std::string_view line);

 private:
  void callback(const abi::link::Callback& c);
  Link* link_;
  Console console_;
  Tracing* trace_;
};

}  // namespace agency
