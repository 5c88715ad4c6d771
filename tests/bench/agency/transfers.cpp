#include "tests/bench/agency/transfers.hpp"

#include "tests/bench/agency/capsules.hpp"
#include "tests/bench/agency/living.hpp"
#include "tests/bench/agency/neighbour.hpp"
#include "tests/bench/measure.hpp"

namespace bench {
namespace {

using abi::link::Type;
using agency::Task;
using agency::transfer::Kind;

Task<bool> measure_resident(Agency agency, EngineEnd& engine) {
  std::string why;
  const auto me = co_await inject(engine, refso3_offset, why);
  if (!me) {
    printk(KERN_ERR "bench: refso3: %s\n", why.c_str());
    co_return false;
  }
  co_await agency.loop.until(agency.loop.now() + agency::ms);  // its main thread says its first line, and sleeps
  const abi::link::Propagate what{me->slot, Neighbour::number};
  const Answer answer = co_await engine.request(Type::propagate, std::string{agency::raw(what)});
  if (answer.status != abi::Status::ok) {
    printk(KERN_ERR "bench: refso3 did not go: %s\n", answer.payload.c_str());
    co_return false;
  }
  report("propagate_resident",
         engine.ended(me->slot, abi::DcEvent::post_activate) - engine.begun(me->slot, abi::Domcall::pre_propagate));
  co_await kill(engine, me->slot);
  co_return true;
}

// Nobody is there to cooperate with.
Task<bool> measure_arrival(const char* name, Neighbour& neighbour, Kind kind, EngineEnd& engine) {
  const auto sent = co_await neighbour.send(kind);
  if (!sent) co_return false;
  report(name, engine.reached(sent->slot, abi::State::living) - sent->begin);
  co_await kill(engine, sent->slot);
  co_return true;
}

}  // namespace

Task<bool> measure_transfers(Agency agency, EngineEnd& engine) {
  Neighbour neighbour{engine, agency.bells};
  co_return co_await neighbour.link_up() && co_await measure_resident(agency, engine) &&
      co_await measure_arrival("arrival", neighbour, Kind::copy, engine) &&
      co_await measure_arrival("restore", neighbour, Kind::restore, engine);
}

}  // namespace bench
