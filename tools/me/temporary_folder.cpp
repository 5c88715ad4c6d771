#include "tools/me/temporary_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace me {

namespace fs = std::filesystem;

engine::Result<TemporaryFolder> TemporaryFolder::make() {
  std::error_code error;
  std::string path = (fs::temp_directory_path(error) / "me.XXXXXX").string();
  if (::mkdtemp(path.data()) != nullptr) return TemporaryFolder(path);
  return engine::fail(engine::Errc::environment,
                      "no temporary folder can be made: " + std::string(std::strerror(errno)),
                      "set TMPDIR to a folder that is yours");
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  if (!path_.empty()) fs::remove_all(path_, error);
}

}  // namespace me
