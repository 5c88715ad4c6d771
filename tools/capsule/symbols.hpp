// The table of an image's functions (so3/kernel/symbols.hpp), as assembly for its second link.
#pragma once
#include <filesystem>

namespace capsule_tool {

void write_symbols(const std::filesystem::path& elf, const std::filesystem::path& assembly);

}  // namespace capsule_tool
