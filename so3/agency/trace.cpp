#include "so3/agency/trace.hpp"

#include <algorithm>
#include <cstring>

#include "so3/agency/text.hpp"
#include "so3/guest/hypercall.hpp"
#include "so3/kernel/scheduler.hpp"

namespace agency {

using abi::Status;
using abi::trace::Flags;
using abi::trace::Kind;
using abi::trace::Record;

namespace {

// Between two looks at avz's rings: with the link's room this bounds what a trace costs the machine.
constexpr std::uint64_t period = 5 * ms;
constexpr std::uint64_t last_words = 1000 * ms;

std::string_view raw_records(std::span<const Record> records) {
  return {reinterpret_cast<const char*>(records.data()), records.size_bytes()};
}

std::string why_not(Status status) {
  if (status != Status::no_memory) return text("avz refused the trace: %.*s", AGENCY_SV(abi::name(status)));
  const auto machine = hypercall::machine_info();
  return text(
      "there is no memory for a trace: its rings need 128 KB for each of %u CPUs, %llu KB are not promised to "
      "MEs; end one",
      machine ? machine->cpus : 0,
      machine ? static_cast<unsigned long long>(machine->free_pages * abi::page_size >> 10) : 0);
}

}  // namespace

std::expected<Done, Refusal> Tracing::begin(Flags flags) {
  const bool was_on = on();
  if (const auto set = hypercall::trace_control(static_cast<std::uint64_t>(flags)); !set)
    return refuse(set.error(), why_not(set.error()));
  flags_ = flags;
  kernel::follow_trace();
  if (!was_on) {
    own_lost_ = avz_lost_ = 0;
    spawn(follow(++turn_));
  }
  return Done{};
}

Task<Done> Tracing::end() {
  if (!on()) co_return Done{};
  const auto turn = ++turn_;
  // Of what MEs do by themselves nothing more comes, so that there is an end of it.
  static_cast<void>(hypercall::trace_control(static_cast<std::uint64_t>(Flags::states)));
  const auto deadline = loop_->now() + last_words;
  while (turn == turn_ && on() && !send_some() && loop_->now() < deadline) co_await loop_->until(loop_->now() + period);
  if (turn == turn_) end_at_once();
  co_return Done{};
}

void Tracing::end_at_once() {
  if (!on()) return;
  ++turn_;
  static_cast<void>(hypercall::trace_control(0));
  flags_ = Flags::none;
  own_ = {};
}

Task<Done> Tracing::follow(std::uint32_t turn) {
  while (turn == turn_) {
    send_some();
    co_await loop_->until(loop_->now() + period);
  }
  co_return Done{};
}

bool Tracing::send_some() {
  while (link_->trace_room()) {
    const auto read = hypercall::trace_read(reinterpret_cast<std::uintptr_t>(fetched_.data()), sizeof fetched_);
    if (!read) return true;
    if (read->lost != 0) avz_lost_ += read->lost;
    if (read->bytes != 0)
      link_->send(abi::link::Type::trace_records, 0,
                  raw_records(std::span{fetched_}.first(read->bytes / sizeof(Record))));
    if (read->bytes != sizeof fetched_) return send_own();
  }
  return false;
}

bool Tracing::send_own() {
  if (own_lost_ != 0 || avz_lost_ != 0) {
    const auto avz = std::exchange(avz_lost_, 0), agency = std::exchange(own_lost_, 0);
    own_.push_back({loop_->now(), static_cast<std::uint8_t>(Kind::lost), 0, 0, 0, {avz, agency}});
  }
  const auto own = std::exchange(own_, {});  // sending may find the link broken, and end the trace
  std::span<const Record> rest{own};
  while (!rest.empty() && link_->trace_room()) {
    const auto now = rest.first(std::min(rest.size(), frame_records));
    link_->send(abi::link::Type::trace_records, 0, raw_records(now));
    rest = rest.subspan(now.size());
  }
  if (on()) own_.assign(rest.begin(), rest.end());
  return own_.empty();
}

void Tracing::add(Kind kind, std::uint32_t slot, std::uint32_t number, std::uint64_t value0, std::uint64_t value1) {
  if (!on()) return;
  if (own_.size() >= own_max) {
    ++own_lost_;
    return;
  }
  own_.push_back({.time = loop_->now(),
                  .kind = static_cast<std::uint8_t>(kind),
                  .cpu = 0,
                  .slot = static_cast<std::uint16_t>(slot),
                  .number = number,
                  .value = {value0, value1}});
}

void Tracing::callback(const abi::link::Callback& c) {
  add(c.ended != 0 ? Kind::callback_end : Kind::callback_begin, c.slot, c.number | c.kind << 16, c.detail,
      static_cast<std::uint64_t>(std::int64_t{c.result}));
}

void Tracing::transfer(const abi::link::TransferChange& t) {
  add(Kind::transfer, t.slot, t.peer << 16 | t.kind << 12 | t.incoming << 8 | t.state, t.instance_id,
      t.epoch << 32 | static_cast<std::uint32_t>(t.status));
}

void Tracing::name(std::uint32_t slot, std::string_view name) {
  for (std::uint32_t at = 0; at < abi::trace::name_records * 16 && at < name.size(); at += 16) {
    std::uint64_t value[2] = {};
    name.substr(at).copy(reinterpret_cast<char*>(value), sizeof value);
    add(Kind::name, slot, at, value[0], value[1]);
  }
}

void Tracing::sync(std::uint64_t number) { add(Kind::sync, 0, 0, number); }

}  // namespace agency
