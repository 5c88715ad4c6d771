// One report of the lines that tests reached, on the host and in the guest.
#pragma once
#include <filesystem>

#include "engine/error.hpp"
#include "tools/me/layout.hpp"

namespace me {

// After a run of the tests in build/host-coverage: merges what host programs counted with what guests sent
// (build/coverage/guest/*.stream) and returns the first page, build/coverage/index.html.
[[nodiscard]] engine::Result<std::filesystem::path> coverage_report(const Layout& layout);

// Unpacks a guest's stream into .gcda files in their places. A stream is records: 'F' and the path of a .gcda file, or
// 'D' and bytes for the end of that file; before both a 32-bit length, little-endian. Paths outside `below` are refused.
[[nodiscard]] engine::Result<> unpack_stream(const std::filesystem::path& stream, const std::filesystem::path& below);

}  // namespace me
