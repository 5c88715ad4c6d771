// The agency's side of the benchmark, run by the agency's own loop in place of an engine.
#pragma once
#include "so3/agency/loop/loop.hpp"
#include "so3/agency/loop/task.hpp"
#include "so3/agency/machine/grant_window.hpp"
#include "tests/bench/agency/engine_end.hpp"

namespace bench {

struct Agency {
  agency::Loop& loop;
  agency::Doorbells& bells;
  agency::GrantWindow& grants;
};

// Measures all, reports each figure on the console, then ends the machine: with code 1 if something could not be done.
agency::Task<agency::Done> run_all(Agency agency, EngineEnd& engine);

}  // namespace bench
