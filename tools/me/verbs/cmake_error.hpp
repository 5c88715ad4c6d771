// What CMake says of an author's CMakeLists.txt, in the way of a compiler.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

namespace me {

// An error that the SDK's own CMake files raise names them, and the author's line only at the end of a call stack: it
// becomes "<folder>/CMakeLists.txt:<line>: error: <text>". Everything else is returned as it is.
[[nodiscard]] std::string author_error(std::string_view output, const std::filesystem::path& folder);

}  // namespace me
