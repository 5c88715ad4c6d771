// What the engine tells an agency first: who it is, what time it is, and some entropy.
#pragma once
#include <string_view>

#include "engine/error.hpp"
#include "so3/abi/link.hpp"

namespace engine {

[[nodiscard]] Result<abi::link::Hello> make_hello(std::string_view name);

}  // namespace engine
