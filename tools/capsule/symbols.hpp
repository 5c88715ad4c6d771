// What an image's ELF file says of its symbols.
#pragma once
#include <filesystem>
#include <string_view>

namespace capsule_tool {

// The table of its functions (so3/kernel/symbols.hpp), as assembly for its second link.
void write_symbols(const std::filesystem::path& elf, const std::filesystem::path& assembly);

bool defines_symbol(const std::filesystem::path& elf, std::string_view symbol);

}  // namespace capsule_tool
