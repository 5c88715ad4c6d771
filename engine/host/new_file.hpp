// A file that is under its name only once it is complete: what was there before stays until then.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"

namespace engine {

class NewFile {
 public:
  // Beside `path`, under another name; `mode` as open(2) takes it. Fails when finish() could not put it at `path`: there
  // is something else than a file, no folder, or no permission.
  [[nodiscard]] static Result<NewFile> create(const std::filesystem::path& path, mode_t mode);
  NewFile(NewFile&& other) noexcept = default;
  NewFile& operator=(NewFile&&) = delete;
  ~NewFile();  // unfinished: nothing stays behind

  [[nodiscard]] Result<> write(const void* bytes, std::size_t size);
  [[nodiscard]] Result<> overwrite(const void* bytes, std::size_t size, std::uint64_t offset);
  // On the disk, and under its name, where it replaces what was there.
  [[nodiscard]] Result<> finish();

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }

 private:
  NewFile(std::filesystem::path path, std::filesystem::path temporary, FileDescriptor fd);
  [[nodiscard]] std::unexpected<Error> failed(int error) const;

  std::filesystem::path path_, temporary_;
  FileDescriptor fd_;  // none once it is finished
  std::uint64_t size_ = 0;
};

}  // namespace engine
