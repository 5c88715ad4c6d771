// The agency's side of the benchmark, run by the agency's own loop in place of an engine.
#pragma once
#include "so3/agency/loop/task.hpp"
#include "so3/agency/me/residents.hpp"
#include "tests/bench/agency/engine_end.hpp"

namespace bench {

struct Agency : agency::World {
  agency::Residents& residents;
};

// Measures all, reports each figure on the console, then ends the machine: with code 1 if something could not be done.
agency::Task<agency::Done> run_all(Agency agency, EngineEnd& engine);

}  // namespace bench
