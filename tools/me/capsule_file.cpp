#include "tools/me/capsule_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "engine/host/file_descriptor.hpp"

namespace me {

using engine::Errc;
using engine::fail;
using engine::Result;

Result<engine::Capsule> load_capsule(const std::filesystem::path& file) {
  constexpr std::size_t size_max = std::size_t{1} << 30;
  // Not blocking: a pipe nobody writes to must not hang us.
  engine::FileDescriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd)
    return fail(errno == ENOENT ? Errc::not_found : Errc::refused,
                fmt::format("{}: {}", file.string(), std::strerror(errno)));
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))
    return fail(Errc::refused, fmt::format("{}: not a file", file.string()), "name an .itb file");
  if (static_cast<std::size_t>(status.st_size) > size_max)
    return fail(Errc::refused,
                fmt::format("{}: {} bytes; a capsule has at most {}", file.string(), status.st_size, size_max));
  std::vector<std::byte> bytes(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const auto n = ::read(fd.get(), bytes.data() + have, bytes.size() - have);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(Errc::failed, fmt::format("{}: {}", file.string(), std::strerror(errno)));
    if (n == 0) break;
    have += static_cast<std::size_t>(n);
  }
  auto capsule = engine::Capsule::parse(std::span(bytes).first(have));
  if (!capsule)
    return fail(Errc::refused, fmt::format("{}: {}", file.string(), capsule.error()),
                "build it anew with me_add_capsule(), or copy it again");
  return std::move(*capsule);
}

}  // namespace me
