#include "so3/avz/trace.hpp"

#include "so3/abi/trace.hpp"
#include "so3/arch/counter.hpp"
#include "so3/arch/physical.hpp"
#include "so3/avz/arguments.hpp"
#include "so3/avz/domain_build.hpp"
#include "so3/avz/event_delivery.hpp"
#include "so3/avz/slots.hpp"

namespace avz {

using abi::Status;
using abi::trace::Flags;
using abi::trace::Record;

namespace {

constinit TraceRing rings[max_cpus];
constinit Reservation promised;
constinit std::uint32_t guests_report = 0;
constinit std::uint32_t turn = 0;  // whose ring is read first

void tell_guests(bool report) {
  guests_report = report;
  for (std::uint32_t slot = 0; slot < slots.size(); slot++) {
    const LockedSlot locked{slot};
    Domain* const domain = locked.domain();
    if (domain == nullptr || domain->shared->trace == guests_report) continue;
    domain->shared->trace = guests_report;
    if (!domain->is_agency()) deliver(*domain, abi::port_control);
  }
}

Status start(Flags flags) {
  if (!promised.make(ram_pages, std::uint64_t{cpu_count()} * TraceRing::pages)) return Status::no_memory;
  const TimeScale scale = time_scale(arch::physical_counter_hz());
  for (std::uint32_t i = 0; i < cpu_count(); i++) rings[i].start(promised, i, flags, scale);
  switch_tracing(rings);
  return Status::ok;
}

void end() {
  switch_tracing(nullptr);
  for (std::uint32_t i = 0; i < cpu_count(); i++) rings[i].end(ram_pages);
  promised.end();
}

std::uint64_t take_lost() {
  std::uint64_t lost = 0;
  for (std::uint32_t i = 0; i < cpu_count(); i++) lost += rings[i].take_lost();
  return lost;
}

}  // namespace

std::uint32_t trace_wanted_of_guests() { return guests_report; }

namespace calls {

void trace_control(Vcpu&, std::uint64_t (&x)[8]) {
  if ((x[1] & ~static_cast<std::uint64_t>(Flags::all)) != 0) return answer(x, Status::bad_argument);
  const auto flags = static_cast<Flags>(x[1]);
  if (flags == Flags::none) {
    if (rings[0].started()) end();
  } else if (rings[0].started()) {
    for (std::uint32_t i = 0; i < cpu_count(); i++) rings[i].set_flags(flags);
  } else if (const Status started = start(flags); started != Status::ok) {
    return answer(x, started);
  }
  tell_guests(wants(flags, Flags::threads));
  answer(x, Status::ok);
}

void trace_read(Vcpu& caller, std::uint64_t (&x)[8]) {
  Domain& agency = *caller.domain;
  const auto to = IpaRange::decode(x[1], x[2]);
  if (!to || to->base % alignof(Record) != 0 || !agency.in_ram(to->base, to->bytes))
    return answer(x, Status::bad_argument);
  if (!rings[0].started()) return answer(x, Status::bad_state);
  const std::uint64_t room = to->bytes / sizeof(Record);
  std::uint64_t n = 0;
  for (std::uint32_t i = 0; i < cpu_count() && n < room; i++) {
    TraceRing& ring = rings[(turn + i) % cpu_count()];
    Record record;
    for (; n < room && ring.take(record); n++) {
      // The agency's RAM is one piece: a record may lie across two of its pages.
      arch::copy_bytes(arch::physical<std::uint8_t>(agency.ram + (to->base - abi::ram_ipa)) + n * sizeof record,
                       &record, sizeof record);
    }
  }
  turn = (turn + 1) % cpu_count();
  answer(x, Status::ok, n * sizeof(Record), take_lost());
}

}  // namespace calls
}  // namespace avz
