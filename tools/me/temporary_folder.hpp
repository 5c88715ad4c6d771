// A folder of this process only, gone with everything in it when it goes out of scope.
#pragma once
#include <filesystem>
#include <utility>

#include "engine/error.hpp"

namespace me {

class TemporaryFolder {
 public:
  [[nodiscard]] static engine::Result<TemporaryFolder> make();
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_{std::exchange(other.path_, {})} {}
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::filesystem::path path) : path_{std::move(path)} {}
  std::filesystem::path path_;
};

}  // namespace me
