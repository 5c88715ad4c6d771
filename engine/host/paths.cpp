#include "engine/host/paths.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace engine {
namespace {

namespace fs = std::filesystem;

// An absolute path from the environment; the XDG base directory specification has relative ones ignored.
fs::path from_environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value && value[0] == '/' ? fs::path(value) : fs::path();
}

constexpr bool alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

}  // namespace

Result<> check_name(std::string_view name) {
  const bool good = !name.empty() && name.size() <= 15 && alphanumeric(name.front()) &&
                    std::ranges::all_of(name, [](char c) { return alphanumeric(c) || c == '-' || c == '_'; });
  if (good) return {};
  return fail(Errc::usage, fmt::format("'{}' cannot be the name of a smart object", name),
              "use 1 to 15 letters, digits, '-' or '_', a letter or digit first");
}

fs::path runtime_folder() {
  if (const auto chosen = from_environment("ME_RUNTIME_DIR"); !chosen.empty()) return chosen;
  if (::geteuid() == 0) return "/run/soo";
  if (const auto xdg = from_environment("XDG_RUNTIME_DIR"); !xdg.empty()) {
    const auto folder = xdg / "soo";
    if (folder.native().size() <= 60) return folder;
  }
  return fmt::format("/tmp/soo-{}", ::geteuid());
}

fs::path default_log_folder() {
  if (::geteuid() == 0) return "/var/log/soo";
  if (const auto state = from_environment("XDG_STATE_HOME"); !state.empty()) return state / "soo";
  if (const auto home = from_environment("HOME"); !home.empty()) return home / ".local/state/soo";
  return runtime_folder() / "log";
}

fs::path log_folder(const fs::path& base, std::string_view name) { return name == default_name ? base : base / name; }

Result<> make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return fail(error == std::errc::no_space_on_device ? Errc::no_room : Errc::environment,
                fmt::format("cannot make the folder {}: {}", folder.string(), error.message()),
                "choose another one, or make it writable");
  return {};
}

Result<> make_private_folder(const fs::path& folder) {
  if (auto made = make_folder(folder.parent_path()); !made) return made;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return fail(Errc::environment, fmt::format("cannot make the folder {}: {}", folder.string(), std::strerror(errno)),
                "set ME_RUNTIME_DIR to a folder of your own");
  return check_private_folder(folder);
}

Result<> check_private_folder(const fs::path& folder) {
  struct stat status{};
  if (::lstat(folder.c_str(), &status) != 0) {
    if (errno == ENOENT || errno == ENOTDIR) return {};
    return fail(Errc::environment, fmt::format("cannot look at {}: {}", folder.string(), std::strerror(errno)),
                "set ME_RUNTIME_DIR to a folder of your own");
  }
  if (!S_ISDIR(status.st_mode) || status.st_uid != ::geteuid() || (status.st_mode & 022) != 0)
    return fail(Errc::environment,
                fmt::format("{} is not a folder of this user that nobody else can write to", folder.string()),
                "remove it, or set ME_RUNTIME_DIR to a folder of your own");
  return {};
}

Result<> check_socket_path(const fs::path& path) {
  constexpr auto limit = sizeof(sockaddr_un::sun_path) - 1;
  if (path.native().size() <= limit) return {};
  return fail(
      Errc::environment,
      fmt::format("the socket path {} has {} bytes; Unix sockets allow {}", path.string(), path.native().size(), limit),
      "set XDG_RUNTIME_DIR to a shorter folder");
}

}  // namespace engine
