// The trace of this machine (abi/trace.hpp): avz's records, fetched as the link takes them, and the agency's own.
//
// Nothing is kept for an engine that does not read: avz's rings fill up and count, and so does the buffer here.
#pragma once
#include <array>
#include <cstdint>
#include <vector>

#include "so3/abi/link.hpp"
#include "so3/abi/trace.hpp"
#include "so3/agency/link/link.hpp"
#include "so3/agency/loop/loop.hpp"
#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/refusal.hpp"

namespace agency {

class Tracing {
 public:
  Tracing(Loop& loop, Link& link) : loop_{&loop}, link_{&link} {}

  // On, or another choice of what is recorded.
  [[nodiscard]] std::expected<Done, Refusal> begin(abi::trace::Flags flags);
  // What is there goes out first, as far as the engine takes it within a second. Off when nobody listens any more.
  Task<Done> end();
  void end_at_once();
  bool on() const { return flags_ != abi::trace::Flags::none; }

  // Records of the agency's own; nothing while the trace is off.
  void callback(const abi::link::Callback& callback);
  void transfer(const abi::link::TransferChange& change);
  void name(std::uint32_t slot, std::string_view name);
  void sync(std::uint64_t number);

 private:
  // Sends what there is and the link has room for. True: nothing is left.
  bool send_some();
  bool send_own();
  void add(abi::trace::Kind kind, std::uint32_t slot, std::uint32_t number, std::uint64_t value0,
           std::uint64_t value1 = 0);
  Task<Done> follow(std::uint32_t turn);

  static constexpr std::size_t own_max = 4096;  // records that wait for the link
  static constexpr std::size_t frame_records = 1024;

  Loop* loop_;
  Link* link_;
  abi::trace::Flags flags_ = abi::trace::Flags::none;
  std::uint32_t turn_ = 0;  // counts traces: the task of an earlier one ends
  std::vector<abi::trace::Record> own_;
  std::uint64_t own_lost_ = 0, avz_lost_ = 0;
  alignas(8) std::array<abi::trace::Record, frame_records> fetched_;
};

}  // namespace agency
