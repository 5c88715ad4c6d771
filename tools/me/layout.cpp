#include "tools/me/layout.hpp"

namespace me {

namespace fs = std::filesystem;

fs::path this_program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

// Upwards from <root>/build/<preset>/tools/me/me to the folder that has the sources.
Layout find_layout() {
  std::error_code error;
  auto folder = this_program().parent_path();
  while (folder.has_relative_path() && !fs::exists(folder / "so3/abi/version.hpp", error))
    folder = folder.parent_path();
  return {folder, folder / "build/target"};
}

}  // namespace me
