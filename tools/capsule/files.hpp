// Whole files, and how this tool gives up.
#pragma once
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace capsule_tool {

// "error: ..." on stderr in the way of a compiler; `place` is a file or file:line. Exit code 1.
[[noreturn]] void die(std::string_view place, std::string_view message);

std::vector<std::byte> read_file(const std::filesystem::path& path);
void write_file(const std::filesystem::path& path, std::string_view text);

}  // namespace capsule_tool
