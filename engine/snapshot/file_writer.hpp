// A snapshot on its way into a file: compressed as it comes, and under its name only when it is complete.
#pragma once
#include <zstd.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/error.hpp"
#include "engine/host/new_file.hpp"
#include "so3/snapshot/reader.hpp"

namespace engine {

class SnapshotWriter {
 public:
  // For this user only. Replaces a file that is there once finish() is called; unfinished, nothing stays behind.
  [[nodiscard]] static Result<std::unique_ptr<SnapshotWriter>> create(const std::filesystem::path& path);
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // The next bytes of the stream, which somebody has checked. They are with the kernel when it returns.
  [[nodiscard]] Result<> write(snapshot::Bytes stream);
  // On the disk, and under its name.
  [[nodiscard]] Result<> finish();

  std::uint64_t stream_length() const { return stream_length_; }
  std::uint64_t file_size() const { return file_.size(); }

 private:
  struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  explicit SnapshotWriter(NewFile file);
  [[nodiscard]] Result<> compress(snapshot::Bytes stream, bool last);

  NewFile file_;
  std::unique_ptr<ZSTD_CCtx, FreeContext> context_;
  std::vector<char> out_;
  snapshot::Digest digest_;  // of the frame
  std::uint64_t stream_length_ = 0;
};

}  // namespace engine
