// A snapshot on its way into a file: compressed as it comes, and under its name only when it is complete.
#pragma once
#include <zstd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"
#include "so3/snapshot/reader.hpp"

namespace engine {

class SnapshotWriter {
 public:
  // Beside `path`, under another name, for this user only. Replaces a file that is there once finish() is called.
  [[nodiscard]] static Result<std::unique_ptr<SnapshotWriter>> create(const std::filesystem::path& path);
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;
  ~SnapshotWriter();  // unfinished: nothing stays behind

  // The next bytes of the stream, which somebody has checked. They are with the kernel when it returns.
  [[nodiscard]] Result<> write(snapshot::Bytes stream);
  // On the disk, and under its name.
  [[nodiscard]] Result<> finish();

  std::uint64_t stream_length() const { return stream_length_; }
  std::uint64_t file_size() const { return file_size_; }

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  SnapshotWriter(std::filesystem::path path, std::filesystem::path temporary, FileDescriptor fd);
  [[nodiscard]] Result<> compress(snapshot::Bytes stream, bool last);
  [[nodiscard]] Result<> put(const void* bytes, std::size_t size);
  [[nodiscard]] std::unexpected<Error> failed(int error) const;

  std::filesystem::path path_, temporary_;
  FileDescriptor fd_;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
  std::vector<char> out_;
  snapshot::Digest digest_;  // of the frame
  std::uint64_t stream_length_ = 0, file_size_ = 0;
};

}  // namespace engine
