// The agency's side: the tests. Each says `ok` or `FAILED` on a line of its own; the last line is the sum.
#include <array>

#include "so3/abi/callbacks.hpp"
#include "so3/abi/hypercall.hpp"
#include "so3/abi/version.hpp"
#include "tests/target/avz_selftest/me_handle.hpp"

namespace selftest {
namespace {

using abi::Call;
using abi::Status;

std::uint64_t failures = 0, tests = 0;

void test_calls() {
  check("fast call keeps registers", call_keeps_registers(abi::function_id(Call::version)) == 0);
  check("slow call keeps registers", call_keeps_registers(abi::function_id(Call::vcpu_yield)) == 0);
  check("refused call keeps registers", call_keeps_registers(abi::function_id(Call::identity)) == 0);
  check("version", hypercall::version().value_or(0) == abi::version);
  Registers r{{0xffff'ffff'0000'0000 | abi::function_id(Call::version)}};
  call_with(&r);
  check("upper half of x0 is ignored", r.x[0] == 0);
  bool unknown = true;
  for (std::uint64_t id : {std::uint64_t{abi::hypercall_base} + abi::call_count, std::uint64_t{0xc600'ffff},
                           std::uint64_t{0x8400'0000}, std::uint64_t{0}, ~std::uint64_t{0}}) {
    r = {{id}};
    call_with(&r);
    unknown &= static_cast<Status>(r.x[0]) == Status::not_supported;
  }
  check("unknown calls are not supported", unknown);
  r = {{abi::call_uid}};
  call_with(&r);
  check("the hypervisor has an UID", r.x[0] != 0 && r.x[3] == 0x336f'6f73);
  check("an ME's call is denied to the agency",
        static_cast<Status>(hypercall::invoke(Call::domcall_return).status) == Status::denied);
}

void test_events() {
  Me me{cpu_for(0), Role::sleeper};
  check("a sleeper starts", me.ready() && me.connect());
  bool all = true;
  for (std::uint64_t n = 1; n <= 1000 && all; n++) {
    all = hypercall::event_send(me.port).has_value() && eventually([&] { return me.seen->events == n; });
  }
  check("1000 events wake it 1000 times", all);
  Me busy{cpu_for(0), Role::spinner};
  check("a spinner shares its CPU", busy.ready() && busy.connect());
  const auto before = me.seen->events;
  all = true;
  for (std::uint64_t n = 1; n <= 20 && all; n++)
    all = hypercall::event_send(me.port).has_value() && eventually([&] { return me.seen->events == before + n; });
  check("events reach the sleeper beside a spinner", all);
  all = true;
  for (std::uint64_t n = 1; n <= 1000 && all; n++)
    all = hypercall::event_send(busy.port).has_value() && eventually([&] { return busy.seen->events == n; });
  check("1000 events interrupt a spinner 1000 times", all);
}

void test_time() {
  Me alone{cpu_for(0), Role::timer};
  check("a virtual timer ticks", alone.ready() && eventually([&] { return alone.seen->ticks >= 100; }));
  Me busy{cpu_for(0), Role::spinner};
  Me second{cpu_for(0), Role::timer};
  check("timers of vCPUs without the CPU fire",
        busy.ready() && second.ready() && eventually([&] { return second.seen->ticks >= 10; }));
}

// The one that ends has the CPU, the other waits for its timer and is alone there from then on.
void test_time_after_a_death() {
  Me survivor{cpu_for(0), Role::timer};
  bool all = survivor.ready();
  for (int i = 0; i < 10 && all; i++) {
    {
      Me busy{cpu_for(0), Role::spinner};
      all = busy.ready();
    }
    const auto before = survivor.seen->ticks;
    all = all && eventually([&] { return survivor.seen->ticks >= before + 10; });
  }
  check("a timer fires when who had its CPU is gone", all);
}

void test_context() {
  Me a{cpu_for(0), Role::keeper, 0x5a}, b{cpu_for(0), Role::keeper, 0xa7}, c{cpu_for(0), Role::keeper, 0x11};
  bool good = a.ready() && b.ready() && c.ready();
  for (std::uint64_t round = 1; round < 10 && good; round++) {
    const std::uint64_t n[] = {a.seen->ticks, b.seen->ticks, c.seen->ticks};
    good = eventually([&] { return a.seen->ticks > n[0] && b.seen->ticks > n[1] && c.seen->ticks > n[2]; }) &&
           a.alive() && b.alive() && c.alive();
  }
  check("FP and EL1 registers survive time slices", good);
}

void test_isolation() {
  Me witness{cpu_for(0), Role::sleeper};
  check("a witness starts", witness.ready() && witness.connect());
  bool all = true;
  for (std::uint32_t n = 0; n < 20; n++) {
    Me offender{cpu_for(n), Role::offender, n};
    abi::CrashReason why{};
    const bool died = offender.started && eventually([&] { return offender.dead(why); });
    if (!died || why == abi::CrashReason::panic) say("  let through: offence ", n);
    all &= died && why != abi::CrashReason::panic;
  }
  check("forbidden instructions and addresses kill, one by one", all);
  const auto before = witness.seen->events;
  check("nobody else is harmed", hypercall::event_send(witness.port).has_value() &&
                                     eventually([&] { return witness.seen->events == before + 1; }));
}

void test_garbage() {
  Me a{cpu_for(0), Role::babbler, 1}, b{cpu_for(1), Role::babbler, 2}, c{cpu_for(2), Role::babbler, 3};
  check("random hypercalls of three MEs get answers",
        a.ready() && b.ready() && c.ready() &&
            eventually([&] { return a.seen->ready == 2 && b.seen->ready == 2 && c.seen->ready == 2; }) && a.alive() &&
            b.alive() && c.alive());
}

using Payload = hypercall::Payload;

// Runs one to its outcome, however long the vCPU takes to get to a safe point.
hypercall::DomcallOutcome run(Me& me, abi::Domcall what, Payload payload, bool& good) {
  for (;;) {
    const auto outcome = hypercall::domcall_run(me.slot, what, payload);
    if (outcome) return *outcome;
    if (outcome.error() == Status::busy) continue;
    good = false;
    return {};
  }
}

#define READ(name)                             \
  ({                                           \
    std::uint64_t v_;                          \
    asm volatile("mrs %0, " #name : "=r"(v_)); \
    v_;                                        \
  })
#define WRITE(name, value) asm volatile("msr " #name ", %0" : : "r"(std::uint64_t{value}))

// What a domcall may not change; in registers of the agency's own choice where that does it no harm.
std::array<std::uint64_t, 12> own_registers() {
  return {READ(sctlr_el1),   READ(tcr_el1),        READ(mair_el1),   READ(cpacr_el1),
          READ(vbar_el1),    READ(ttbr0_el1),      READ(tpidr_el0),  READ(tpidrro_el0),
          READ(cntkctl_el1), READ(contextidr_el1), READ(csselr_el1), READ(cntv_cval_el0)};
}

void fill_registers(std::uint64_t value) {
  WRITE(tpidr_el0, value);
  WRITE(tpidrro_el0, value);
  WRITE(sp_el0, value);
  WRITE(contextidr_el1, value);
  WRITE(elr_el1, value);
  WRITE(far_el1, value);
  WRITE(cntv_cval_el0, value);
}

// The first goes the long way, the others the short one until they touch what is trapped there.
void test_registers_in_domcalls() {
  using enum abi::Outcome;
  constexpr auto callback = abi::Domcall::pre_activate;
  Me me{cpu_for(0), Role::domcalls};
  bool good = me.started && me.ready();
  fill_registers(0xa5a5'0000);
  const auto before = own_registers();
  for (int i = 0; i < 3; i++) {
    const auto r = run(me, callback, {10}, good);
    good &= r.outcome == done && r.payload[0] == 0;
  }
  check("registers of the agency are not in a domcall", good);
  for (int i = 0; i < 3; i++) {
    auto r = run(me, callback, {11}, good);
    good &= r.outcome == request && own_registers() == before;
    const auto inner = run(me, callback, {1, 3, 4}, good);
    good &= inner.outcome == done && inner.payload[0] == 7;
    r = run(me, abi::Domcall::resume, {555}, good);
    good &= r.outcome == done && r.payload[0] == 555;
  }
  check("what a domcall does to registers stays in it", good && own_registers() == before);
  fill_registers(0);
  check("the ME sleeps on after them",
        me.connect() && hypercall::event_send(me.port).has_value() && eventually([&] { return me.seen->events == 1; }));
}

void test_domcalls() {
  using enum abi::Outcome;
  constexpr auto callback = abi::Domcall::pre_activate;
  bool good = true;
  {
    Me me{cpu_for(0), Role::domcalls};
    check("a domcall needs an entry", me.started && me.ready());
    auto r = run(me, callback, {1, 20, 22}, good);
    check("arguments in, results out", good && r.outcome == done && r.payload[0] == 42 && r.payload[1] == 20);
    std::uint64_t mine = 0x1234'5678;
    asm volatile("fmov d9, %0" : : "r"(mine));
    r = run(me, callback, {2, 99}, good);
    std::uint64_t after;
    asm volatile("fmov %0, d9" : "=r"(after));
    check("FP state crosses in no direction", good && r.outcome == done && r.payload[0] == 0 && after == mine);
    r = run(me, callback, {3, 0x77, 5}, good);
    check("a request reaches the agency", good && r.outcome == request && r.detail == 0x20 && r.payload[0] == 0x77);
    auto inner = run(me, callback, {1, 3, 4}, good);
    check("a domcall into an ME that has one set aside", good && inner.outcome == done && inner.payload[0] == 7);
    r = run(me, abi::Domcall::resume, {555}, good);
    check("the request is answered, the domcall ends", good && r.outcome == done && r.payload[0] == 555);
    check("there is nothing to resume now",
          is(hypercall::domcall_run(me.slot, abi::Domcall::resume, {}), Status::bad_state));
    check("the ME's own vCPU lives on", me.connect() && hypercall::event_send(me.port).has_value() &&
                                            eventually([&] { return me.seen->events == 1; }));
  }
  {
    Me busy{cpu_for(0), Role::domcalls, 1};
    check("a computing ME is stopped for it",
          busy.ready() && run(busy, callback, {1, 2, 3}, good).payload[0] == 5 && good);
  }
  struct End {
    const char* name;
    std::uint64_t what;
    abi::Outcome outcome;
    abi::CrashReason reason;
  };
  for (const End& end : {End{"a fault in a domcall kills that ME", 4, fault, abi::CrashReason::instruction},
                         End{"waiting in a domcall kills that ME", 5, fault, abi::CrashReason::blocked_in_domcall},
                         End{"an endless domcall kills that ME", 6, budget, abi::CrashReason::domcall_budget},
                         End{"a panic in a domcall kills that ME", 7, fault, abi::CrashReason::panic}}) {
    Me me{cpu_for(0), Role::domcalls};
    abi::CrashReason why{};
    good = me.ready();
    const auto r = run(me, callback, {end.what}, good);
    check(end.name, good && r.outcome == end.outcome && r.detail == static_cast<std::uint32_t>(end.reason) &&
                        me.dead(why) && why == end.reason);
  }
  {
    Me me{cpu_for(0), Role::domcalls};
    good = me.ready();
    auto r = run(me, callback, {8, 600}, good);
    good &= r.outcome == request;
    r = run(me, abi::Domcall::resume, {}, good);
    check("a request does not renew the time of a domcall", good && r.outcome == budget);
  }
  {
    Me me{cpu_for(0), Role::deaf};
    abi::CrashReason why{};
    good = me.ready();
    auto paused = hypercall::domain_pause(me.slot);
    while (is(paused, Status::busy)) paused = hypercall::domain_pause(me.slot);
    check("an ME that does not pause within a second dies",
          good && is(paused, Status::bad_state) && me.dead(why) && why == abi::CrashReason::not_stopping);
  }
  {
    Me me{cpu_for(0), Role::deaf};
    good = me.ready() && is(hypercall::domain_pause(me.slot), Status::busy) && hypercall::domain_unpause(me.slot);
    pass(1250);
    check("nobody waits for an ME to pause whose pause was taken back",
          good && is(hypercall::domain_pause(me.slot), Status::busy) && me.alive());
  }
  {
    Me me{cpu_for(0), Role::domcalls, 2};
    good = me.ready();
    const auto r = run(me, callback, {1}, good);
    check("an ME that does not park within a second dies",
          good && r.outcome == fault && r.detail == static_cast<std::uint32_t>(abi::CrashReason::not_stopping));
  }
}

void test_many() {
  const auto free_pages = [] { return hypercall::invoke(Call::machine_info).x[1]; };
  const auto before = free_pages();
  {
    alignas(Me) static std::array<std::uint8_t, sizeof(Me) * 64> space;
    auto* mes = reinterpret_cast<Me*>(space.data());
    bool good = true;
    for (std::uint32_t i = 0; i < 64; i++) good &= (new (&mes[i]) Me{cpu_for(0), Role::sleeper})->ready();
    check("64 MEs share one CPU", good);
    for (std::uint32_t i = 0; i < 64; i++) mes[i].~Me();
  }
  bool good = true;
  for (int i = 0; i < 300; i++) {
    Me me{cpu_for(static_cast<std::uint32_t>(i)), i % 2 == 0 ? Role::spinner : Role::sleeper};
    good &= me.started;
  }
  check("300 MEs come and go", good);
  check("all their memory is back", free_pages() == before);
}

}  // namespace

namespace {

void test_all() {
  test_calls();
  test_events();
  test_time();
  test_time_after_a_death();
  test_context();
  test_isolation();
  test_garbage();
  test_domcalls();
  test_registers_in_domcalls();
  test_snapshots();
  test_many();
}

}  // namespace

bool asked_for(const char* argument) {
  const char* given = shared().machine.bootargs;
  while (*argument != 0 && *argument == *given) argument++, given++;
  return *argument == *given;
}

void check(const char* name, bool good) {
  tests++;
  if (!good) failures++;
  say(good ? "ok " : "FAILED ");
  say(name);
  say("\n");
}

void run_agency() {
  if (asked_for("costs")) {
    run_costs();
  } else if (cpus() < 2) {
    say("one CPU: MEs need another, only the calls are tested\n");
    test_calls();
  } else {
    test_all();
    test_trace();
    check("all of it again, traced", begin_trace());
    test_all();
    check("the trace ends", end_trace());
    test_calls();
  }
  say("tests ", tests);
  say("failed ", failures);
  static_cast<void>(hypercall::invoke(Call::machine_off, failures));
}

}  // namespace selftest
