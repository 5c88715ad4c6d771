// E29, E30: snapshots of MEs that run and write meanwhile, on a real stage 2. The reference is what the agency sees
// through read-only grants of every page, at a moment when the ME stands still.
#include "so3/abi/snapshot.hpp"
#include "tests/target/avz_selftest/me_handle.hpp"

namespace selftest {
namespace {

using abi::page_size;
namespace format = abi::snapshot;

constexpr std::uint64_t pages_of_ram = me_ram / page_size, room = 64;
alignas(page_size) std::uint8_t pages[room][page_size];
alignas(8) std::uint64_t ipas[room];
alignas(8) std::uint8_t part[page_size];
std::uint64_t sums[pages_of_ram], reference[pages_of_ram];  // 0: not in it

std::uint64_t sum_of(const std::uint8_t* page) {
  std::uint64_t h = 0xcbf2'9ce4'8422'2325;
  for (std::uint64_t i = 0; i < page_size; i += 8) {
    h = (h ^ *reinterpret_cast<const std::uint64_t*>(page + i)) * 0x100'0000'01b3;
    h ^= h >> 29;
  }
  return h | 1;
}

template <typename Call>
bool until_done(Call call) {
  auto r = call();
  while (is(r, Status::busy)) r = call();
  return r.has_value();
}

bool freeze(Me& me) {
  return until_done([&] { return hypercall::snapshot_prepare(me.slot); }) &&
         until_done([&] { return hypercall::snapshot_freeze(me.slot); });
}

// Some pages; false: an error, or a page that came before.
bool read_some(Me& me, std::uint64_t wanted, std::uint64_t& n) {
  const auto read = [&] {
    return hypercall::snapshot_pages(me.slot, reinterpret_cast<std::uint64_t>(pages),
                                     reinterpret_cast<std::uint64_t>(ipas), wanted);
  };
  auto copied = read();
  while (is(copied, Status::busy)) copied = read();
  n = copied.value_or(0);
  bool good = copied.has_value();
  for (std::uint64_t i = 0; i < n; i++) {
    const auto at = (ipas[i] - abi::ram_ipa) / page_size;
    good &= at < pages_of_ram && sums[at] == 0;
    if (at < pages_of_ram) sums[at] = sum_of(pages[i]);
  }
  return good;
}

bool read_all(Me& me, std::uint64_t at_once) {
  bool good = true;
  for (std::uint64_t n = 1; n != 0 && good;) good = read_some(me, at_once, n);
  return good;
}

void forget() {
  for (auto& s : sums) s = 0;
}

bool same() {
  bool good = true;
  for (std::uint64_t i = 0; i < pages_of_ram; i++) {
    if (sums[i] == reference[i]) continue;
    say("  differs: page ", i);
    good = false;
  }
  return good;
}

std::uint64_t snapshot_context(Me& me, format::Part what) {
  return hypercall::snapshot_context(me.slot, reinterpret_cast<std::uint64_t>(part), sizeof part, what).value_or(0);
}

// While it is paused nothing is written: a first snapshot, read in that time, says what a second one must be, that is
// read while the ME writes.
bool take_reference(Me& me) {
  forget();
  const bool good = freeze(me) && read_all(me, room) && hypercall::snapshot_end(me.slot).has_value();
  for (std::uint64_t i = 0; i < pages_of_ram; i++) reference[i] = sums[i];
  forget();
  return good;
}

bool pause(Me& me) {
  return until_done([&] { return hypercall::domain_pause(me.slot); });
}

void image_is_the_frozen_one(const char* name, Role role, std::uint64_t at_once) {
  Me me{cpu_for(0), role};
  bool good = me.ready();
  for (int round = 0; round < 5 && good; round++) {
    const auto before = me.seen->ticks;
    good = pause(me) && take_reference(me) && freeze(me) && hypercall::domain_unpause(me.slot).has_value();
    // It is at work while it is read.
    if (role == Role::writer) good = good && eventually([&] { return me.seen->ticks != before; });
    good = good && read_all(me, at_once) && same() && hypercall::snapshot_end(me.slot).has_value();
    const auto after = me.seen->ticks;
    if (role == Role::writer) good = good && eventually([&] { return me.seen->ticks > after + 100; });
    good = good && me.alive();
  }
  check(name, good);
}

// A page that the agency itself writes all the time.
void shared_pages() {
  Me me{cpu_for(0), Role::granter};
  bool good = me.ready() && pause(me) && take_reference(me);
  const auto window = abi::agency_grant_window_ipa + 1000 * page_size;
  for (std::uint64_t i = 0; i < granted_pages && good; i++)
    good = hypercall::grant_map(me.slot, static_cast<std::uint32_t>(me.seen->calls + i), window + i * page_size,
                                abi::GrantFlags::none)
               .has_value();
  const auto scribble = [&](std::uint64_t value) {
    for (std::uint64_t i = 0; i < granted_pages; i++)
      *reinterpret_cast<volatile std::uint64_t*>(window + i * page_size + 8 * (value % 512)) = value;
  };
  // As much of it as the reserve and free memory hold; then the peer writes between any two calls.
  good = good && freeze(me);
  std::uint64_t n = 1;
  for (std::uint64_t value = 1; n != 0 && good; value++) {
    scribble(value);
    good = read_some(me, 3, n);
  }
  check("64 pages that a peer writes during the snapshot are the frozen ones", good && same());
  good &= snapshot_context(me, format::Part::grants) == (granted_pages + 1) * sizeof(format::Grant);
  const auto* grants = reinterpret_cast<const format::Grant*>(part);
  for (std::uint64_t i = 1; i <= granted_pages && good; i++) good = grants[i].mappings == 1 && grants[i].ipa != 0;
  check("their grants are in the snapshot", good);
  for (std::uint64_t i = 0; i < granted_pages; i++) static_cast<void>(hypercall::grant_unmap(window + i * page_size));
}

// What the vCPU was doing shows in its registers, and it goes on doing it.
void registers() {
  const auto vcpu = [](Me& me) {
    return freeze(me) && snapshot_context(me, format::Part::vcpu) == sizeof(format::Vcpu)
               ? reinterpret_cast<const format::Vcpu*>(part)
               : nullptr;
  };
  {
    Me me{cpu_for(0), Role::keeper, 0x5a};
    const bool ready = me.ready() && eventually([&] { return me.seen->ticks > 1000; });
    const auto* v = vcpu(me);
    constexpr std::uint64_t mine = 0x5a5a'5a5a'5a5a'5a5a;
    std::uint64_t d7 = 0, d31 = 0;
    if (v != nullptr) {
      __builtin_memcpy(&d7, v->v[7], sizeof d7);
      __builtin_memcpy(&d31, v->v[31], sizeof d31);
    }
    check("FP and EL1 registers of a computing ME are in its snapshot",
          ready && v != nullptr && d7 == mine && d31 == mine && v->el1.tpidr_el0 == mine && v->el1.sp_el0 == mine &&
              v->fpcr == (mine & 3) << 22 && v->waiting == 0);
    const auto before = me.seen->ticks;
    check("it goes on with them", eventually([&] { return me.seen->ticks > before + 1000; }) && me.alive());
  }
  {
    Me me{cpu_for(0), Role::sleeper};
    const bool ready = me.ready() && me.connect();
    // It shows its port before it waits.
    const bool waited = eventually([&] {
      const auto* v = vcpu(me);
      return v == nullptr || v->waiting == 1 || !hypercall::snapshot_end(me.slot);
    });
    const auto& v = *reinterpret_cast<const format::Vcpu*>(part);
    check("an ME in vcpu_wait is frozen there", ready && waited && v.waiting == 1 && v.pc > abi::ram_ipa);
    check("and is woken as before",
          hypercall::event_send(me.port).has_value() && eventually([&] { return me.seen->events == 1; }));
  }
  {
    Me me{cpu_for(0), Role::timer};
    const bool ready = me.ready() && eventually([&] { return me.seen->ticks > 10; });
    const auto* v = vcpu(me);
    check("an ME that waits for its timer has it in the snapshot",
          ready && v != nullptr && (v->el1.cntv_ctl & 1) == 1 && v->counter_hz == shared().counter_hz &&
              v->el1.cntv_cval - v->counter + v->counter_hz < 2 * v->counter_hz);
    const auto before = me.seen->ticks;
    check("its timer goes on", eventually([&] { return me.seen->ticks > before + 20; }));
  }
}

void deaths() {
  bool good = true;
  const auto before = hypercall::invoke(Call::machine_info).x[1];
  for (int i = 0; i < 30 && good; i++) {
    Me me{cpu_for(static_cast<std::uint32_t>(i)), Role::writer};
    good = me.ready() && freeze(me);
    forget();
    std::uint64_t n;
    if (i % 3 != 0) good = good && read_some(me, 1 + static_cast<std::uint64_t>(i), n);
    // A writer has filled the reserve by now and waits, or soon will.
    if (i % 3 == 2) good = good && hypercall::snapshot_end(me.slot).has_value();
  }
  check("frozen MEs end at any moment", good && hypercall::invoke(Call::machine_info).x[1] == before);
}

// From the image of one into another, in whatever state the first goes on.
void restored(const char* name, Role role) {
  Me me{cpu_for(0), role, 0x33};
  bool good = me.ready();
  if (role != Role::sleeper) good = good && eventually([&] { return me.seen->ticks > 50; });
  good = good && freeze(me) && snapshot_context(me, format::Part::vcpu) == sizeof(format::Vcpu);
  const auto created = hypercall::domain_create(me_ram, cpu_for(1), abi::CreateFlags::migrating, 9, 3);
  Me copy{created.value_or(0)};
  good = good && created.has_value();
  for (std::uint64_t n = 1; n != 0 && good;) {
    forget();
    good = read_some(me, room, n);
    for (std::uint64_t i = 0; i < n; i++)
      good = good && hypercall::domain_load(copy.slot, ipas[i], reinterpret_cast<std::uint64_t>(pages[i]), page_size);
  }
  good = good && copy.look_at() &&
         hypercall::domain_restore(copy.slot, {reinterpret_cast<std::uint64_t>(part), abi::ram_ipa, 8, 0, 0});
  const auto paused = copy.seen == nullptr ? 0 : copy.seen->ticks;
  good = good && paused == 0 && hypercall::domain_unpause(copy.slot).has_value();
  if (role != Role::sleeper) good = good && eventually([&] { return copy.seen->ticks > 100; });
  const auto ticks = me.seen->ticks;
  if (role != Role::sleeper) good = good && eventually([&] { return me.seen->ticks > ticks; });
  check(name, good && me.alive() && copy.alive());
}

// The second of a round goes the short way, which is open while the vCPU dozes. It must not wait for the reader, who is
// behind it on the same CPU, however full the reserve is.
void writes_in_domcalls() {
  Me me{cpu_for(0), Role::domcalls};
  bool good = me.ready() && me.connect();
  const auto write = [&](std::uint64_t value) {
    for (;;) {
      const auto r = hypercall::domcall_run(me.slot, abi::Domcall::pre_activate, {13, 30, value});
      if (!is(r, Status::busy)) return r && r->outcome == abi::Outcome::done;
    }
  };
  for (std::uint64_t round = 1; round <= 5 && good; round++) {
    good = write(round) && pause(me) && take_reference(me) && freeze(me) && hypercall::domain_unpause(me.slot);
    good = good && hypercall::event_send(me.port) && eventually([&] { return me.seen->events == round; });
    pass(1);  // it dozes again
    good = good && write(100 + round) && read_all(me, room) && same() && hypercall::snapshot_end(me.slot);
  }
  check("domcalls write more of a frozen ME than its reserve holds", good && me.alive());
}

void lent_pages() {
  Me owner{cpu_for(0), Role::granter}, borrower{cpu_for(1), Role::domcalls};
  bool good = owner.ready() && borrower.ready();
  const auto page = abi::ram_ipa + (pages_of_ram - 1) * page_size;  // nobody touched it
  const auto at = hypercall::page_lend(owner.slot, page, borrower.slot);
  const auto run = [&](std::uint64_t what) {
    for (;;) {
      const auto r = hypercall::domcall_run(borrower.slot, abi::Domcall::pre_activate, {what, at.value_or(0), 0x1234});
      if (!is(r, Status::busy)) return r;
    }
  };
  auto r = run(12);
  check("a lent page is readable and writable in a domcall",
        good && at && r && r->outcome == abi::Outcome::done && r->payload[0] == 0x1234);
  check("it is returned", hypercall::page_return(borrower.slot).has_value());
  r = run(12);
  check("afterwards it is a fault to touch it", r && r->outcome == abi::Outcome::fault &&
                                                    r->detail == static_cast<std::uint32_t>(abi::CrashReason::memory) &&
                                                    owner.alive());
}

}  // namespace

void test_snapshots() {
  image_is_the_frozen_one("a writer is frozen at one moment", Role::writer, room);
  image_is_the_frozen_one("a slow reader makes it wait, and gets the same", Role::writer, 1);
  image_is_the_frozen_one("so is an ME that sleeps", Role::sleeper, 5);
  shared_pages();
  registers();
  writes_in_domcalls();
  deaths();
  restored("a computing ME goes on in another slot", Role::keeper);
  restored("an ME that waits for its timer goes on in another slot", Role::timer);
  restored("a writer goes on in another slot", Role::writer);
  restored("a sleeper goes on in another slot", Role::sleeper);
  lent_pages();
}

}  // namespace selftest
