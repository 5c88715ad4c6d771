// A folder as a newc cpio archive: files and folders in the order of their paths, owner 0, time 0.
#pragma once
#include <filesystem>

namespace capsule_tool {

void write_ramfs(const std::filesystem::path& folder, const std::filesystem::path& archive);

}  // namespace capsule_tool
