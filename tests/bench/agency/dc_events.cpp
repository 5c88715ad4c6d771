#include "tests/bench/agency/dc_events.hpp"

#include "so3/agency/me/dc_event.hpp"
#include "tests/bench/measure.hpp"

namespace bench {

agency::Task<bool> measure_dc_events(Agency agency, std::uint32_t slot) {
  constexpr std::uint32_t rounds = 16;
  const auto me = agency.residents.find(slot);
  agency::DcEvents events{agency, agency.residents};
  me->driven = true;
  std::uint64_t first = 0, sum = 0;
  for (std::uint32_t i = 0; i <= rounds; ++i) {
    co_await agency.loop.until(agency.loop.now() + agency::ms);  // it sleeps again
    const std::uint64_t begin = counter();
    const auto answer = co_await events.run(
        me, {.event = abi::DcEvent::post_activate, .deadline = agency.loop.now() + agency::ms * 1000});
    const std::uint64_t taken = counter() - begin;
    if (!answer) co_return false;
    (i == 0 ? first : sum) += taken;
  }
  agency.residents.let_go(me);
  report("dc_event", mean(sum, rounds));
  if (first > mean(sum, rounds) * 11 / 10) report("dc_event_cold", first);
  co_return true;
}

}  // namespace bench
