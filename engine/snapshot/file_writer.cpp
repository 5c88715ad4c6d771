#include "engine/snapshot/file_writer.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "so3/abi/snapshot.hpp"

namespace engine {

namespace fs = std::filesystem;
using abi::snapshot::FileHeader;

Result<std::unique_ptr<SnapshotWriter>> SnapshotWriter::create(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode))
    return fail(Errc::refused, fmt::format("{}: not a file", path.string()), "name a file to write");
  std::string temporary = (path.parent_path() / ("." + path.filename().string() + ".XXXXXX")).string();
  FileDescriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd) {
    const int error = errno;
    return fail(error == ENOENT   ? Errc::not_found
                : error == ENOSPC ? Errc::no_room
                                  : Errc::environment,
                fmt::format("{}: no file can be made there: {}", path.string(), std::strerror(error)),
                "name a file in a folder that exists and is yours");
  }
  std::unique_ptr<SnapshotWriter> writer(new SnapshotWriter(path, temporary, std::move(fd)));
  const FileHeader later{};  // known at the end
  if (auto ok = writer->put(&later, sizeof later); !ok) return std::unexpected(ok.error());
  return writer;
}

SnapshotWriter::SnapshotWriter(fs::path path, fs::path temporary, FileDescriptor fd)
    : path_{std::move(path)},
      temporary_{std::move(temporary)},
      fd_{std::move(fd)},
      context_{ZSTD_createCCtx()},
      out_(ZSTD_CStreamOutSize()) {
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
  ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_windowLog, abi::snapshot::file_window_log);
}

SnapshotWriter::~SnapshotWriter() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

std::unexpected<Error> SnapshotWriter::failed(int error) const {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(
      full ? Errc::no_room : Errc::failed,
      fmt::format("{}: {} after {} bytes; the file was not made", path_.string(), std::strerror(error), file_size_),
      full ? "make room, or name a file on another disk" : "");
}

Result<> SnapshotWriter::put(const void* bytes, std::size_t size) {
  const auto* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const auto n = ::write(fd_.get(), at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno);
    at += n;
    size -= static_cast<std::size_t>(n);
    file_size_ += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<> SnapshotWriter::compress(snapshot::Bytes stream, bool last) {
  ZSTD_inBuffer in{stream.data(), stream.size(), 0};
  while (true) {
    ZSTD_outBuffer out{out_.data(), out_.size(), 0};
    const auto left = ZSTD_compressStream2(context_.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left)) return fail(Errc::failed, fmt::format("{}: {}", path_.string(), ZSTD_getErrorName(left)));
    digest_.add(std::as_bytes(std::span(out_).first(out.pos)));
    if (auto ok = put(out_.data(), out.pos); !ok) return ok;
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
  if (auto ok = put(digest.data(), digest.size()); !ok) return ok;
  const FileHeader header{.magic = abi::snapshot::file_magic,
                          .version_major = abi::snapshot::version_major,
                          .version_minor = abi::snapshot::version_minor,
                          .reserved = 0,
                          .stream_length = stream_length_};
  const auto written = ::pwrite(fd_.get(), &header, sizeof header, 0);
  if (written != sizeof header || ::fsync(fd_.get()) != 0) return failed(written < 0 || errno != 0 ? errno : EIO);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failed(errno);
  temporary_.clear();
  // The name too; where that cannot be asked for, the file system sees to it in its own time.
  const auto folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  if (const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); fd) ::fsync(fd.get());
  return {};
}

}  // namespace engine
