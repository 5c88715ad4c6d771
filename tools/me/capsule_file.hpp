// An .itb file on the disk.
#pragma once
#include <filesystem>

#include "engine/capsule/capsule.hpp"
#include "engine/error.hpp"

namespace me {

[[nodiscard]] engine::Result<engine::Capsule> load_capsule(const std::filesystem::path& file);

}  // namespace me
