// What a trace has of a domcall and of an ME's death, and that everything works while it is on.
#include <array>

#include "so3/abi/callbacks.hpp"
#include "so3/abi/trace.hpp"
#include "tests/target/avz_selftest/me_handle.hpp"

namespace selftest {
namespace {

using abi::trace::Flags;
using abi::trace::Kind;
using abi::trace::Record;

// Beyond the image, which MEs have too and less memory for.
using Records = std::array<Record, 32 * 1024>;
Records& records = *reinterpret_cast<Records*>(abi::ram_ipa + (8 << 20));

// In the order of time, as far as one CPU is concerned.
struct Trace {
  std::uint64_t count = 0, lost = 0;

  void read() {
    const auto r = hypercall::trace_read(reinterpret_cast<std::uint64_t>(records.data()), sizeof records);
    count = r ? r->bytes / sizeof(Record) : 0;
    lost = r ? r->lost : 0;
  }
  // How many there are of a kind and number in a slot; `at`: where the last one is.
  std::uint64_t find(Kind kind, std::uint32_t slot, std::uint32_t number, std::uint64_t* at = nullptr) const {
    std::uint64_t n = 0;
    for (std::uint64_t i = 0; i < count; i++) {
      const Record& r = records[i];
      if (static_cast<Kind>(r.kind) != kind || r.slot != slot || r.number != number) continue;
      n++;
      if (at != nullptr) *at = i;
    }
    return n;
  }
  bool in_order() const {
    std::array<std::uint64_t, 8> last{};
    for (std::uint64_t i = 0; i < count; i++) {
      auto& before = last[records[i].cpu % last.size()];
      if (records[i].time < before) return false;
      before = records[i].time;
    }
    return true;
  }
};

hypercall::Result<void> control(Flags flags) { return hypercall::trace_control(static_cast<std::uint64_t>(flags)); }
constexpr auto number(auto v) { return static_cast<std::uint32_t>(v); }

}  // namespace

void test_trace() {
  Trace trace;
  check("there is no trace to read", is(hypercall::trace_read(abi::ram_ipa, 4096), Status::bad_state));
  Me me{cpu_for(0), Role::domcalls};
  bool good = me.ready();
  check("a trace begins", control(Flags::all).has_value() && shared().trace != 0);
  static_cast<void>(hypercall::version());
  auto outcome = hypercall::domcall_run(me.slot, abi::Domcall::pre_activate, {1, 20, 22});
  while (!outcome && outcome.error() == Status::busy) {
    pass(1);  // on a busy host the ME takes its time, and each call is in the trace
    outcome = hypercall::domcall_run(me.slot, abi::Domcall::pre_activate, {1, 20, 22});
  }
  good &= outcome && outcome->payload[0] == 42;
  hypercall::trace_thread(7, "agency's own");
  static_cast<void>(me.connect());
  static_cast<void>(hypercall::event_send(me.port));
  good &= eventually([&] { return me.seen->events == 1; });
  trace.read();
  const auto called = number(abi::Call::version);
  std::uint64_t asked = 0, begun = 0, ended = 0, answered = 0, reported = 0;
  good &= trace.find(Kind::call, 0, called) == 1 && trace.find(Kind::call_done, 0, called) == 1;
  check("fast calls are in it", good);
  good = trace.find(Kind::call, 0, number(abi::Call::domcall_run), &asked) >= 1 &&
         trace.find(Kind::domcall_begin, me.slot, number(abi::Domcall::pre_activate), &begun) == 1 &&
         trace.find(Kind::domcall_end, me.slot, number(abi::Outcome::done), &ended) == 1 &&
         trace.find(Kind::call_done, 0, number(abi::Call::domcall_run), &answered) >= 1;
  check("a domcall is in it, in its call", good && asked < begun && begun < ended && ended < answered);
  good = trace.find(Kind::thread, 0, 7, &reported) == 1;
  check("so is a thread", good && records[reported].value[0] == 0x7327'7963'6e65'6761);  // "agency's"
  check("and who has which CPU",
        trace.find(Kind::vcpu_out, me.slot, 0) >= 1 && trace.find(Kind::vcpu_in, me.slot, 0) >= 1);
  check("times go up", trace.in_order() && trace.lost == 0);
  {
    Me offender{cpu_for(0), Role::offender, 0};
    abi::CrashReason why{};
    good = eventually([&] { return offender.dead(why); });
    trace.read();
    const auto dies = number(abi::State::booting) | number(abi::State::dead) << 8;
    check("an ME's death is in it", good && trace.find(Kind::state, offender.slot, dies) == 1);
  }
  check("a trace ends", control(Flags::none).has_value() && shared().trace == 0 &&
                            is(hypercall::trace_read(abi::ram_ipa, 4096), Status::bad_state));
}

bool begin_trace() { return control(Flags::all).has_value(); }
bool end_trace() { return control(Flags::none).has_value(); }

}  // namespace selftest
