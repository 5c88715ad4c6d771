#include "engine/snapshot/file_writer.hpp"

#include <fmt/format.h>

#include "so3/abi/snapshot.hpp"

namespace engine {

using abi::snapshot::FileHeader;

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::create(const std::filesystem::path& path) {
  auto file = NewFile::create(path, 0600);
  if (!file) return std::unexpected(file.error());
  std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(std::move(*file)));
  const FileHeader later{};  // known at the end
  if (auto ok = writer->file_.write(&later, sizeof later); !ok) return std::unexpected(ok.error());
  return writer;
}

SnapshotWriter::SnapshotWriter(NewFile file)
    : file_{std::move(file)}, context_{ZSTD_createCCtx()}, out_(ZSTD_CStreamOutSize()) {
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, abi::snapshot::file_window_log);
}

Result<> SnapshotWriter::compress(snapshot::Bytes stream, bool last) {
  ZSTD_inBuffer in{stream.data(), stream.size(), 0};
  while (true) {
    ZSTD_outBuffer out{out_.data(), out_.size(), 0};
    const auto left = ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left))
      return fail(Errc::failed, fmt::format("{}: {}", file_.path().string(), ZSTD_getErrorName(left)));
    digest_.add(std::as_bytes(std::span(out_).first(out.pos)));
    if (auto ok = file_.write(out_.data(), out.pos); !ok) return ok;
    if (last ? left == 0 : in.pos == in.size) return {};
  }
}

Result<> SnapshotWriter::write(snapshot::Bytes stream) {
  stream_length_ += stream.size();
  return compress(stream, false);
}

Result<> SnapshotWriter::finish() {
  if (auto ok = compress({}, true); !ok) return ok;
  const auto digest = digest_.value();
  if (auto ok = file_.write(digest.data(), digest.size()); !ok) return ok;
  const FileHeader header{.magic = abi::snapshot::file_magic,
                          .version_major = abi::snapshot::version_major,
                          .version_minor = abi::snapshot::version_minor,
                          .reserved = 0,
                          .stream_length = stream_length_};
  if (auto ok = file_.overwrite(&header, sizeof header, 0); !ok) return ok;
  return file_.finish();
}

}  // namespace engine
