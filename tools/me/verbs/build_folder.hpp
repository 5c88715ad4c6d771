// Building an author's folder, anywhere on the disk, against this SDK.
#pragma once
#include <filesystem>
#include <vector>

#include "engine/error.hpp"
#include "tools/me/layout.hpp"

namespace me {

// Configures (when that was not done yet, or elsewhere, or with another SDK) and builds `folder` into its subfolder
// build. The compilers' words go to standard error. The value: the .itb files it makes.
[[nodiscard]] engine::Result<std::vector<std::filesystem::path>> build_folder(const Layout& layout,
                                                                              const std::filesystem::path& folder);

}  // namespace me
