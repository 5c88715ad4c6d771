#include "tools/me/supervisor/runtime_files.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "engine/host/paths.hpp"

namespace me {

namespace fs = std::filesystem;
using engine::Errc;
using engine::fail;
using engine::Result;
using nlohmann::json;

Result<RuntimeFiles> RuntimeFiles::of(std::string_view name) {
  if (auto good = engine::check_name(name); !good) return std::unexpected(good.error());
  const auto base = engine::runtime_folder() / name;
  RuntimeFiles files{base, base, base, base, base};
  files.lock += ".lock";
  files.socket += ".sock";
  files.link += ".link";
  files.facts += ".json";
  files.facts_begun += ".json.new";
  if (auto fits = engine::check_socket_path(files.socket); !fits) return std::unexpected(fits.error());
  // Else others could answer in the smart object's name.
  if (auto ours = engine::check_private_folder(engine::runtime_folder()); !ours) return std::unexpected(ours.error());
  return files;
}

json read_facts(const RuntimeFiles& files) {
  std::ifstream in(files.facts);
  auto facts = json::parse(in, nullptr, false);
  return facts.is_object() ? facts : json::object();
}

Result<> write_facts(const RuntimeFiles& files, const json& facts) {
  // Whole or not at all, for whoever reads meanwhile.
  std::ofstream out(files.facts_begun, std::ios::trunc);
  out << facts.dump(2, ' ', false, json::error_handler_t::replace) << '\n';
  out.close();
  if (out && ::rename(files.facts_begun.c_str(), files.facts.c_str()) == 0) return {};
  return fail(Errc::no_room, fmt::format("cannot write {}: {}", files.facts.string(), std::strerror(errno)),
              "free some space there");
}

Result<RuntimeLock> RuntimeLock::take(const RuntimeFiles& files, std::string_view name, std::string& found) {
  while (true) {
    if (auto made = engine::make_private_folder(files.lock.parent_path()); !made) return std::unexpected(made.error());
    engine::FileDescriptor fd(::open(files.lock.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!fd && errno == ENOENT) continue;  // another smart object was the last to go and took the folder along
    if (!fd)
      return fail(errno == ENOSPC ? Errc::no_room : Errc::environment,
                  fmt::format("cannot make {}: {}", files.lock.string(), std::strerror(errno)));
    if (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
      return fail(Errc::already_up, fmt::format("smart object {} is up already", name),
                  fmt::format("use it, end it (me down --on {}), or choose another name (me up NAME)", name));
    // Whoever held the lock may have removed the file while we waited for it: then this is not the lock any more.
    struct stat ours{}, named{};
    if (::fstat(fd.get(), &ours) != 0 || ::stat(files.lock.c_str(), &named) != 0 || ours.st_ino != named.st_ino)
      continue;

    const auto facts = read_facts(files);
    std::error_code error;
    if (const auto died = facts.find("died"); died != facts.end() && died->is_string())
      found = died->get<std::string>();
    else if (fs::exists(files.socket, error) || !facts.empty())
      found = fmt::format("the supervisor of smart object {} (process {}) had died without cleaning up", name,
                          facts.contains("pid") ? facts["pid"].dump() : "unknown");
    fs::remove(files.socket, error);
    fs::remove(files.link, error);
    fs::remove(files.facts, error);
    fs::remove(files.facts_begun, error);
    return RuntimeLock(files, std::move(fd));
  }
}

void RuntimeLock::remove(bool keep_facts) {
  std::error_code error;
  fs::remove(files_.socket, error);
  fs::remove(files_.link, error);
  if (!keep_facts) fs::remove(files_.facts, error);
  fs::remove(files_.facts_begun, error);
  fs::remove(files_.lock, error);
  fs::remove(files_.lock.parent_path(), error);  // only when it is empty
  fd_ = engine::FileDescriptor();
}

}  // namespace me
