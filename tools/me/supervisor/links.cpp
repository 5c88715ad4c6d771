#include "tools/me/supervisor/links.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "tools/me/supervisor/runtime_files.hpp"

namespace me {

using engine::Errc;
using engine::fail;
using engine::FileDescriptor;
using engine::Result;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds look_for_lost{500};

Result<FileDescriptor> connect_to(const std::string& name) {
  auto files = RuntimeFiles::of(name);
  if (!files) return std::unexpected(files.error());
  sockaddr_un address{AF_UNIX, {}};
  std::memcpy(address.sun_path, files->link.c_str(), files->link.native().size() + 1);
  FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  return fail(Errc::not_up, fmt::format("smart object {} is not up", name), fmt::format("start it: me up {}", name));
}

}  // namespace

Links::Links(engine::SmartObject& so, FileDescriptor listening)
    : so_{so}, listening_{std::move(listening)}, keeper_{[this] { keep(); }} {}

Links::~Links() {
  stopping_ = true;
  keeper_.join();
}

void Links::accept() {
  if (const int fd = ::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC); fd >= 0)
    so_.expect_link(FileDescriptor(fd));
}

Result<engine::Neighbour> Links::link(const std::string& name) {
  if (name == so_.options().name)
    return fail(Errc::usage, fmt::format("{} cannot be a neighbour of itself", name), "name another: me up NAME");
  auto fd = connect_to(name);
  if (!fd) return std::unexpected(fd.error());
  return so_.ask_link(std::move(*fd));
}

Result<> Links::unlink(const std::string& name) {
  bool wanted = false;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_.erase(name) > 0;
  }
  auto gone = so_.unlink(name);
  if (!gone && gone.error().code == Errc::not_found && wanted) return {};
  return gone;
}

void Links::keep() {
  const auto events = so_.subscribe();
  auto next_look = Clock::now() + look_for_lost;
  while (!stopping_) {
    if (const auto event = events->next(next_look)) {
      if (const auto* change = std::get_if<engine::NeighbourChanged>(&*event)) follow(*change);
      if (std::holds_alternative<engine::Ended>(*event)) return;
    }
    if (Clock::now() < next_look) continue;
    make_again();
    next_look = Clock::now() + look_for_lost;
  }
}

void Links::follow(const engine::NeighbourChanged& change) {
  const std::lock_guard lock(mutex_);
  if (change.up) wanted_.insert(change.name);
  else if (change.unlinked) wanted_.erase(change.name);
}

bool Links::is_wanted(const std::string& name) {
  const std::lock_guard lock(mutex_);
  return wanted_.contains(name);
}

// Both sides look for each other; links that cross become one.
void Links::make_again() {
  std::set<std::string> away;
  {
    const std::lock_guard lock(mutex_);
    away = wanted_;
  }
  if (away.empty()) return;
  const auto here = so_.neighbours();
  if (!here) return;
  for (const auto& neighbour : *here) away.erase(neighbour.name);
  for (const auto& name : away) {
    auto fd = connect_to(name);
    if (!fd || stopping_ || !is_wanted(name)) continue;
    // Whoever unlinks it meanwhile finds no link, and means this one, too.
    if (so_.ask_link(std::move(*fd)) && !is_wanted(name)) (void)so_.unlink(name);
  }
}

}  // namespace me
