#include "engine/host/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <random>

namespace engine {

namespace fs = std::filesystem;

namespace {

constexpr int attempts = 16;  // at a name that nobody has

Errc errc_of(int error) {
  switch (error) {
    case ENOENT:
    case ENOTDIR: return Errc::not_found;
    case ENOSPC:
    case EDQUOT: return Errc::no_room;
    case ENAMETOOLONG: return Errc::refused;
    default: return Errc::environment;
  }
}

}  // namespace

Result<NewFile> NewFile::create(const fs::path& path, mode_t mode) {
  struct stat status{};
  const bool named = path.has_filename() && path.filename() != "." && path.filename() != "..";
  if (!named || (::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)))
    return fail(Errc::refused, fmt::format("{}: not a file", path.string()), "name a file to write");
  std::random_device random;
  int error = EEXIST;
  for (int i = 0; i < attempts && error == EEXIST; ++i) {
    auto temporary = path.parent_path() / fmt::format(".{}.{:08x}", path.filename().string(), random());
    FileDescriptor fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (fd) return NewFile(path, std::move(temporary), std::move(fd));
    error = errno;
  }
  return fail(errc_of(error), fmt::format("{}: no file can be made there: {}", path.string(), std::strerror(error)),
              "name a file in a folder that exists and is yours");
}

NewFile::NewFile(fs::path path, fs::path temporary, FileDescriptor fd)
    : path_{std::move(path)}, temporary_{std::move(temporary)}, fd_{std::move(fd)} {}

NewFile::~NewFile() {
  if (fd_) ::unlink(temporary_.c_str());
}

std::unexpected<Error> NewFile::failed(int error) const {
  const bool full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return fail(full ? Errc::no_room : Errc::failed,
              fmt::format("{}: {} after {} bytes; the file was not made", path_.string(), std::strerror(error), size_),
              full ? "make room, or name a file on another disk" : "");
}

Result<> NewFile::write(const void* bytes, std::size_t size) {
  const auto* at = static_cast<const char*>(bytes);
  while (size > 0) {
    const auto n = ::write(fd_.get(), at, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(errno);
    at += n;
    size -= static_cast<std::size_t>(n);
    size_ += static_cast<std::uint64_t>(n);
  }
  return {};
}

Result<> NewFile::overwrite(const void* bytes, std::size_t size, std::uint64_t offset) {
  const auto n = ::pwrite(fd_.get(), bytes, size, static_cast<off_t>(offset));
  if (n < 0) return failed(errno);
  return static_cast<std::size_t>(n) == size ? Result<>() : failed(EIO);
}

Result<> NewFile::finish() {
  if (::fsync(fd_.get()) != 0) return failed(errno);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return failed(errno);
  fd_ = FileDescriptor();
  // The name too; where that cannot be asked for, the file system sees to it in its own time.
  const auto folder = path_.has_parent_path() ? path_.parent_path() : fs::path(".");
  if (const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)); fd) ::fsync(fd.get());
  return {};
}

}  // namespace engine
