// The agency as it is, with the benchmark in place of the engine.
#include "frontends/vlogs/backend.hpp"
#include "so3/agency/agency.hpp"
#include "so3/agency/machine/this_machine.hpp"
#include "so3/kernel/include/so3/init.h"
#include "so3/kernel/include/so3/thread.h"
#include "tests/bench/agency/bench.hpp"

namespace bench {
namespace {

constexpr std::size_t stack_bytes = 64 * 1024;

int run(void*) {
  static agency::Doorbells bells{agency::wake};
  EngineEnd engine{bells};
  agency::Agency agency{agency::environment(), bells, engine};
  vlogs::LogBackend logs{agency.grants(), bells, agency.logs(), agency.report()};
  agency.add(logs);
  engine.connect(agency.link());
  const agency::World world{agency.loop(), bells, agency.grants(), agency.store(), agency.bus(), agency.report()};
  agency::spawn(run_all({world, agency.residents()}, engine));
  for (;;) agency::sleep_until(agency.run());
}

int start() {
  tcb_t* const thread = kernel_thread_sized(run, "agency", nullptr, THREAD_PRIO_DEFAULT + 5, stack_bytes);
  if (thread == nullptr) return -1;
  thread_detach(thread);
  return 0;
}
INITCALL(app, start);

}  // namespace
}  // namespace bench
