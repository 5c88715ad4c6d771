#include "tests/bench/agency/living.hpp"

#include "tests/bench/agency/capsules.hpp"
#include "tests/bench/measure.hpp"

namespace bench {

using abi::link::Type;
using agency::Done;
using agency::Task;

Task<std::optional<Living>> inject(EngineEnd& engine, std::uint64_t offset, std::string& why) {
  const abi::link::Inject where{offset, capsule_at(offset).size()};
  engine.forget();
  const std::uint64_t begin = counter();
  const Answer answer = co_await engine.request(Type::inject, std::string{agency::raw(where)});
  why = answer.payload;
  if (answer.status != abi::Status::ok) co_return std::optional<Living>{};
  const auto slot = static_cast<std::uint32_t>(answer.value);
  const std::uint64_t end = engine.reached(slot, abi::State::living);
  if (end == 0) co_return std::optional<Living>{};
  co_return std::optional<Living>{Living{slot, end - begin}};
}

Task<Done> kill(EngineEnd& engine, std::uint32_t slot) {
  const abi::link::Slot which{slot, 0};
  static_cast<void>(co_await engine.request(Type::kill, std::string{agency::raw(which)}));
  co_return Done{};
}

}  // namespace bench
