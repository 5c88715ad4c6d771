// MEs that the benchmark brings to life and ends.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "so3/agency/loop/task.hpp"
#include "tests/bench/agency/engine_end.hpp"

namespace bench {

struct Living {
  std::uint32_t slot;
  std::uint64_t instructions;  // from the request
};

// No value: it was refused or died; `why` has the agency's words.
agency::Task<std::optional<Living>> inject(EngineEnd& engine, std::uint64_t offset, std::string& why);
agency::Task<agency::Done> kill(EngineEnd& engine, std::uint32_t slot);

}  // namespace bench
