// All that is generated of the manual.
#pragma once
#include <expected>
#include <map>
#include <string>

namespace manual {

// Files by their path below docs/. `page`: docs/lifecycle.md as it is.
[[nodiscard]] std::expected<std::map<std::string, std::string>, std::string> generate(const std::string& page);

}  // namespace manual
