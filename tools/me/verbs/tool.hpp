// Running the tools that `me` stands on: ctest, cmake, lcov.
#pragma once
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace me {

// Runs a program to its end; its lines, of both outputs, go to `line` as they come. The value is its exit status. A
// program that says nothing for `patience` is killed. When `me` is interrupted, so is the program.
[[nodiscard]] engine::Result<int> run_tool(const std::vector<std::string>& command,
                                           const std::function<void(std::string_view)>& line,
                                           std::chrono::seconds patience = std::chrono::hours(24));

// The newest clang++ here that can compile the code, by name; "clang++-19", the oldest, when there is none.
[[nodiscard]] std::string newest_clang();

}  // namespace me
