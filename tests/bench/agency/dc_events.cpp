#include "tests/bench/agency/dc_events.hpp"

#include "so3/agency/me/dc_event.hpp"
#include "so3/guest/hypercall.hpp"
#include "tests/bench/measure.hpp"

namespace bench {
namespace {

using agency::Task;

constexpr auto event = abi::DcEvent::post_activate;
constexpr std::uint64_t patience = 1'000 * agency::ms;

constexpr std::uint32_t rounds = 16;

// Posted, waited for in the agency's loop, fetched.
Task<bool> measure_bare(Agency agency, std::uint32_t slot) {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i <= rounds; ++i) {
    co_await agency.loop.until(agency.loop.now() + agency::ms);  // it sleeps again
    const std::uint64_t begin = counter();
    if (!hypercall::dc_event_post(slot, event)) co_return false;
    co_await agency.loop.change(slot, begin + patience);
    const auto answer = hypercall::dc_event_result(slot);
    if (i > 0) sum += counter() - begin;  // the first one warms up
    if (!answer || answer->event != event) co_return false;
  }
  report("dc_event", mean(sum, rounds));
  co_return true;
}

// As a sequence asks it, the engine told of begin and end.
Task<bool> measure_told(Agency agency, std::shared_ptr<agency::Me> me) {
  agency::DcEvents events{agency, agency.residents};
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i <= rounds; ++i) {
    co_await agency.loop.until(agency.loop.now() + agency::ms);
    const std::uint64_t begin = counter();
    const auto answer = co_await events.run(me, {.event = event, .deadline = begin + patience});
    if (i > 0) sum += counter() - begin;
    if (!answer) co_return false;
  }
  report("dc_event_told", mean(sum, rounds));
  co_return true;
}

}  // namespace

Task<bool> measure_dc_events(Agency agency, std::uint32_t slot) {
  const auto me = agency.residents.find(slot);
  me->driven = true;
  const bool good = co_await measure_bare(agency, slot) && co_await measure_told(agency, me);
  agency.residents.let_go(me);
  co_return good;
}

}  // namespace bench
