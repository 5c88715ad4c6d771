// One report of what tests reached: on the host, in domains, and in avz below them.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "engine/error.hpp"
#include "tools/me/layout.hpp"

namespace me {

struct Coverage {
  struct Share {
    std::uint64_t all = 0, reached = 0;
    double percent() const { return all == 0 ? 0 : 100.0 * static_cast<double>(reached) / static_cast<double>(all); }
  };
  struct Part {
    Share lines, functions, branches;
  };
  std::filesystem::path page;
  std::map<std::string, Part> folders;  // "so3/kernel", "engine"
  Part sum;
};

// Before a run: what an earlier one has left in a build would be added to it, or be of objects that are no more.
void remove_counters(const std::filesystem::path& build);

// After a run of the tests in build/host-coverage: merges what host programs counted with what avz and domains sent
// (build/coverage/guest/*.stream) into build/coverage/index.html.
[[nodiscard]] engine::Result<Coverage> coverage_report(const Layout& layout);

// Unpacks a guest's stream into .gcda files: those of the build `below`, at the same places in the folder `into`. A stream
// is records: 'F' and the path of a .gcda file, or 'D' and bytes for the end of that file; before both a 32-bit length,
// little-endian. Paths outside `below` are refused.
[[nodiscard]] engine::Result<> unpack_stream(const std::filesystem::path& stream, const std::filesystem::path& below,
                                             const std::filesystem::path& into);

// Sums by folder, of an lcov tracefile: the two upper folders below `root` for what is in so3, else one.
[[nodiscard]] Coverage read_tracefile(const std::filesystem::path& tracefile, const std::filesystem::path& root);

}  // namespace me
