// A snapshot in a file, decompressed piece by piece. The file is not trusted: it may be damaged, made to fill memory,
// or change while it is read.
#pragma once
#include <zstd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"
#include "so3/snapshot/reader.hpp"

namespace engine {

class SnapshotFile {
 public:
  // Looks at what comes before the stream.
  [[nodiscard]] static Result<std::unique_ptr<SnapshotFile>> open(const std::filesystem::path& path);

  // The next bytes of the stream, valid until the next call; none: that was all, and the file ends there.
  [[nodiscard]] Result<snapshot::Bytes> next();

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const { return size_; }  // of the file
  std::uint64_t stream_length() const { return stream_length_; }

 private:
  struct FreeContext {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };

  SnapshotFile(std::filesystem::path path, FileDescriptor fd, std::uint64_t size);
  [[nodiscard]] Result<> read_header();
  [[nodiscard]] Result<std::size_t> read(void* to, std::size_t size);
  bool version_agrees(snapshot::Bytes piece) const;  // the next one
  [[nodiscard]] Result<> check_end();
  [[nodiscard]] std::unexpected<Error> refuse(std::string why) const;

  std::filesystem::path path_;
  FileDescriptor fd_;
  std::uint64_t size_, at_ = 0;
  std::uint64_t stream_length_ = 0, came_ = 0;
  std::array<std::byte, 4> version_{};  // as the stream must have it
  std::unique_ptr<ZSTD_DCtx, FreeContext> context_;
  std::vector<char> compressed_;
  std::vector<std::byte> stream_;
  ZSTD_inBuffer in_{};
  snapshot::Digest digest_;  // of the frame
  bool frame_ended_ = false;
};

// All of it, checked: what is in it goes to `handler`. Whatever is wrong with it, the error says.
[[nodiscard]] Result<> read_snapshot(const std::filesystem::path& path, snapshot::Handler& handler);

}  // namespace engine
