#include "tests/bench/agency/bench.hpp"

#include <atomic>
#include <optional>

#include "so3/abi/layout.hpp"
#include "so3/guest/hypercall.hpp"
#include "tests/bench/agency/capsules.hpp"
#include "tests/bench/agency/dc_events.hpp"
#include "tests/bench/agency/living.hpp"
#include "tests/bench/agency/partner.hpp"
#include "tests/bench/agency/snapshots.hpp"
#include "tests/bench/agency/transfers.hpp"
#include "tests/bench/measure.hpp"

extern "C" const std::uint64_t bench_first_instruction;

namespace bench {
namespace {

using abi::link::Type;
using agency::Done;
using agency::Task;

Task<bool> measure_injection(EngineEnd& engine) {
  std::string why;
  const auto me = co_await inject(engine, refso3_offset, why);
  if (!me) {
    printk(KERN_ERR "bench: refso3: %s\n", why.c_str());
    co_return false;
  }
  report("inject_to_living", me->instructions);
  co_await kill(engine, me->slot);
  co_return true;
}

// Lives, and has its main thread: an ME that is too small for that dies right away.
Task<bool> thrives(Agency agency, std::uint32_t slot) {
  co_await agency.loop.until(agency.loop.now() + agency::ms);
  const auto info = hypercall::domain_info(slot);
  co_return info && info->state == abi::State::living;
}

// Halving what lies between a size that is too small and one that is enough.
Task<bool> measure_smallest_domain(Agency agency, EngineEnd& engine) {
  std::uint32_t too_small = 0, enough = 16 * 1024 * 1024;
  std::string why;
  while (enough - too_small > abi::page_size) {
    const std::uint32_t size = (too_small + enough) / 2 / abi::page_size * abi::page_size;
    if (!set_domain_size(capsule_at(refso3_offset), size)) co_return false;
    const auto me = co_await inject(engine, refso3_offset, why);
    const bool good = me && co_await thrives(agency, me->slot);
    (good ? enough : too_small) = size;
    if (good) co_await kill(engine, me->slot);
  }
  report("min_domain_bytes", enough, "bytes");
  co_return true;
}

void measure_grants(const Partner& partner) {
  const std::uint64_t ipa =
      abi::agency_grant_window_ipa + (abi::agency_grant_window_pages - 1) * abi::page_size;  // the last one is free
  measure("grant_map_unmap", "grant_map_unmap_cold", 100, [&] {
    static_cast<void>(hypercall::grant_map(partner.slot(), partner.grant(), ipa, abi::GrantFlags::none));
    static_cast<void>(hypercall::grant_unmap(ipa));
  });
}

// False: not yet, the ME must come to a safe point first.
bool null_domcall(std::uint32_t slot) {
  constexpr auto null = std::uint64_t{static_cast<std::uint32_t>(abi::Domcall::null)} << 32;
  return hypercall::invoke(abi::Call::domcall_run, slot | null).status == 0;
}

Task<Done> measure_remote_event(Partner& partner) {
  constexpr std::uint32_t rounds = 16;
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i <= rounds; ++i) {
    const std::uint64_t before = partner.begin(Command::nothing);
    co_await partner.end(Command::nothing);
    if (i > 0) sum += partner.page().handler_counter - before;  // the first one warms up
  }
  report("event_send_remote", mean(sum, rounds));
  co_return Done{};
}

Task<Done> measure_domcalls(Partner& partner) {
  const std::uint32_t slot = partner.slot();
  measure("domcall", "domcall_cold", 100, [slot] { static_cast<void>(null_domcall(slot)); });

  partner.begin(Command::spin);
  while (std::atomic_ref{partner.page().spinning}.load(std::memory_order_acquire) == 0) asm volatile("yield");
  measure("domcall_busy", nullptr, 16, [slot] {
    while (!null_domcall(slot)) asm volatile("yield");
  });
  std::atomic_ref{partner.page().command}.store(0, std::memory_order_release);
  co_await partner.end(Command::spin);
  co_return Done{};
}

Task<bool> measure_with_partner(Agency agency, EngineEnd& engine) {
  std::string why;
  const auto me = co_await inject(engine, bench_me_offset, why);
  if (!me) {
    printk(KERN_ERR "bench: bench_me: %s\n", why.c_str());
    co_return false;
  }
  const std::string key = "device/" + std::to_string(me->slot) + "/bench";
  Answer where = co_await engine.request(Type::store_read, key);
  for (int tries = 0; where.status == abi::Status::not_found && tries < 100; ++tries) {
    co_await agency.loop.until(agency.loop.now() + agency::ms);
    where = co_await engine.request(Type::store_read, key);
  }
  const auto partner = Partner::find(agency, me->slot, where.payload);
  if (!partner) co_return false;

  partner->begin(Command::measure);
  co_await partner->end(Command::measure);
  partner->begin(Command::log);
  partner->block();
  co_await partner->end(Command::log);
  co_await measure_remote_event(*partner);
  measure_grants(*partner);
  co_await measure_domcalls(*partner);
  if (!co_await measure_dc_events(agency, me->slot)) co_return false;
  if (!co_await measure_snapshot_faults(*partner)) co_return false;
  // What the ME measures while the agency stands still.
  const auto measured = hypercall::domcall_run(me->slot, abi::Domcall::pre_propagate);
  co_return measured && measured->outcome == abi::Outcome::done;
}

}  // namespace

Task<Done> run_all(Agency agency, EngineEnd& engine) {
  report("avz_boot", bench_first_instruction);
  bool good = co_await measure_injection(engine);
  good = co_await measure_with_partner(agency, engine) && good;
  good = co_await measure_transfers(agency, engine) && good;
  good = co_await measure_smallest_domain(agency, engine) && good;
  good = measure_snapshot_pauses() && good;
  hypercall::machine_off(good ? 0 : 1);
  co_return Done{};
}

}  // namespace bench
