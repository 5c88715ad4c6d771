// What an argument on the command line must look like before it becomes a value.
#pragma once
#include <CLI/CLI.hpp>

namespace me {

// Digits, a decimal number: CLI11 by itself takes 010 for 8.
[[nodiscard]] CLI::Validator decimal();
// Not empty: where a script's variable is not set, nothing larger is meant than what it would have named.
[[nodiscard]] CLI::Validator not_empty();

}  // namespace me
