#include "engine/snapshot/file_reader.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "so3/abi/layout.hpp"
#include "so3/abi/snapshot.hpp"

namespace engine {
namespace {

using namespace abi::snapshot;

constexpr const char* remedy = "copy it again, or take another snapshot";

// Of an ME with all of the largest memory, each page in a section of its own, and all else as long as it may be.
constexpr std::uint64_t stream_max =
    abi::ram_max / abi::page_size * (sizeof(Page) + sizeof(Section)) + (std::uint64_t{4} << 20);

}  // namespace

Result<std::unique_ptr<SnapshotFile>> SnapshotFile::open(const std::filesystem::path& path) {
  // Not blocking: a pipe nobody writes to must not hang us.
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) {
    const int error = errno;
    return fail(error == ENOENT ? Errc::not_found : Errc::refused,
                fmt::format("{}: {}", path.string(), std::strerror(error)));
  }
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(Errc::refused, fmt::format("{}: not a file", path.string()), "name a file that me snapshot wrote");
  std::unique_ptr<SnapshotFile> file(new SnapshotFile(path, std::move(fd), static_cast<std::uint64_t>(status.st_size)));
  if (auto ok = file->read_header(); !ok) return std::unexpected(ok.error());
  return file;
}

SnapshotFile::SnapshotFile(std::filesystem::path path, FileDescriptor fd, std::uint64_t size)
    : path_{std::move(path)},
      fd_{std::move(fd)},
      size_{size},
      context_{ZSTD_createDCtx()},
      compressed_(ZSTD_DStreamInSize()),
      stream_(ZSTD_DStreamOutSize()) {
  ZSTD_DCtx_setParameter(context_.get(), ZSTD_d_windowLogMax, abi::snapshot::file_window_log);
}

std::unexpected<Error> SnapshotFile::refuse(std::string why) const {
  return fail(Errc::refused, fmt::format("{}: {}", path_.string(), why), remedy);
}

Result<std::size_t> SnapshotFile::read(void* to, std::size_t size) {
  ssize_t n = 0;
  do n = ::read(fd_.get(), to, size);
  while (n < 0 && errno == EINTR);
  if (n < 0) return fail(Errc::failed, fmt::format("{}: {}", path_.string(), std::strerror(errno)));
  at_ += static_cast<std::uint64_t>(n);
  return static_cast<std::size_t>(n);
}

Result<> SnapshotFile::read_header() {
  FileHeader h;
  if (size_ < sizeof h)
    return refuse(fmt::format("a file of {} bytes is no snapshot; its header alone has {}", size_, sizeof h));
  const auto n = read(&h, sizeof h);
  if (!n) return std::unexpected(n.error());
  if (*n != sizeof h) return refuse("the file changed while it was read");
  if (h.magic != file_magic)
    return refuse(fmt::format("not a snapshot: it begins with {:#x}, a snapshot with {:#x}", h.magic, file_magic));
  if (h.version_major != version_major || h.version_minor > version_minor)
    return fail(Errc::refused,
                fmt::format("{}: a snapshot of version {}.{}; this side reads {}.0 to {}.{}", path_.string(),
                            h.version_major, h.version_minor, version_major, version_major, version_minor),
                "use a release that knows it");
  if (h.reserved != 0)
    return refuse(fmt::format("reserved in the file header at byte 12 is {:#x}; it must be 0", h.reserved));
  if (h.stream_length > stream_max)
    return refuse(fmt::format("it claims {} bytes of snapshot; at most {}", h.stream_length, stream_max));
  stream_length_ = h.stream_length;
  std::memcpy(version_.data(), &h.version_major, version_.size());
  const auto frame = read(compressed_.data(), sizeof file_frame);
  if (!frame) return std::unexpected(frame.error());
  if (*frame < sizeof file_frame) return refuse(fmt::format("cut off at byte {}", at_));
  if (std::memcmp(compressed_.data(), file_frame, sizeof file_frame) != 0)
    return refuse("at byte 24 there must be a zstd frame with a checksum and a window of 2 MB");
  in_ = {compressed_.data(), *frame, 0};
  return {};
}

bool SnapshotFile::version_agrees(snapshot::Bytes piece) const {
  static_assert(offsetof(FileHeader, version_minor) == offsetof(FileHeader, version_major) + 2 &&
                offsetof(Header, version_minor) == offsetof(Header, version_major) + 2);
  for (std::size_t i = 0; i < version_.size(); ++i) {
    const auto at = offsetof(Header, version_major) + i;
    if (at >= came_ && at - came_ < piece.size() && piece[at - came_] != version_[i]) return false;
  }
  return true;
}

Result<snapshot::Bytes> SnapshotFile::next() {
  while (!frame_ended_) {
    if (in_.pos == in_.size) {
      const auto n = read(compressed_.data(), compressed_.size());
      if (!n) return std::unexpected(n.error());
      if (*n == 0)
        return refuse(at_ < size_ ? fmt::format("the file shrank to {} bytes while it was read", at_)
                                  : fmt::format("cut off at byte {}: the compressed snapshot goes on", at_));
      in_ = {compressed_.data(), *n, 0};
    }
    ZSTD_outBuffer out{stream_.data(), stream_.size(), 0};
    const auto before = in_.pos;
    const auto left = ZSTD_decompressStream(context_.get(), &out, &in_);
    digest_.add(std::as_bytes(std::span(compressed_).subspan(before, in_.pos - before)));
    if (ZSTD_isError(left))
      return refuse(
          fmt::format("damaged within 128 KB before byte {}: {}", at_ - in_.size + in_.pos, ZSTD_getErrorName(left)));
    frame_ended_ = left == 0;
    const auto piece = snapshot::Bytes(stream_).first(out.pos);
    if (!version_agrees(piece))
      return refuse("the version in the file header at byte 8 is not that of the snapshot in it");
    came_ += out.pos;
    if (came_ > stream_length_)
      return refuse(fmt::format("it decompresses to more than the {} bytes that it claims", stream_length_));
    if (!piece.empty()) return piece;
  }
  if (auto ok = check_end(); !ok) return std::unexpected(ok.error());
  return snapshot::Bytes{};
}

Result<> SnapshotFile::check_end() {
  if (came_ != stream_length_)
    return refuse(fmt::format("it claims {} bytes of snapshot and has {}", stream_length_, came_));
  struct stat status{};
  if (::fstat(fd_.get(), &status) != 0 || static_cast<std::uint64_t>(status.st_size) != size_)
    return refuse(fmt::format("the file grew or shrank while it was read, from {} to {} bytes", size_, status.st_size));
  const auto end = at_ - in_.size + in_.pos + sizeof(FileEnd);
  if (end > size_) return refuse(fmt::format("cut off at byte {}: its digest is missing", size_));
  if (end < size_) return refuse(fmt::format("{} bytes follow the end of the snapshot at byte {}", size_ - end, end));
  std::array<std::byte, sizeof(FileEnd)> digest;
  const auto held = std::as_bytes(std::span(compressed_).subspan(in_.pos, in_.size - in_.pos));
  std::ranges::copy(held, digest.begin());
  const auto rest = read(digest.data() + held.size(), digest.size() - held.size());
  if (!rest) return std::unexpected(rest.error());
  if (held.size() + *rest != digest.size()) return refuse("the file shrank while it was read");
  if (digest != digest_.value())
    return refuse(fmt::format("damaged: the digest at byte {} is not that of the bytes before", end - sizeof(FileEnd)));
  return {};
}

Result<> read_snapshot(const std::filesystem::path& path, snapshot::Handler& handler) {
  auto file = SnapshotFile::open(path);
  if (!file) return std::unexpected(file.error());
  const auto reader = std::make_unique<snapshot::Reader>(handler);
  const auto refused = [&](const snapshot::Error& error) {
    std::array<char, 256> text;
    return fail(Errc::refused, fmt::format("{}: {}", path.string(), snapshot::message(error, text)), remedy);
  };
  while (true) {
    auto piece = (*file)->next();
    if (!piece) return std::unexpected(piece.error());
    if (piece->empty()) break;
    if (auto ok = reader->take(*piece); !ok) return refused(ok.error());
  }
  if (auto ok = reader->finish(); !ok) return refused(ok.error());
  return {};
}

}  // namespace engine
