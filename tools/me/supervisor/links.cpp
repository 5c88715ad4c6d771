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

void Links::keep() {
  const auto events = so_.subscribe();
  while (!stopping_) {
    while (const auto event = events->next(std::chrono::steady_clock::now() + look_for_lost)) {
      if (const auto* change = std::get_if<engine::NeighbourChanged>(&*event)) follow(*change);
      if (std::holds_alternative<engine::Ended>(*event)) return;
      if (stopping_) return;
    }
    make_again();
  }
}

void Links::follow(const engine::NeighbourChanged& change) {
  const std::lock_guard lock(mutex_);
  if (change.up || change.unlinked) lost_.erase(change.name);
  else lost_.insert(change.name);
}

// Both sides look for each other; links that cross become one.
void Links::make_again() {
  std::set<std::string> lost;
  {
    const std::lock_guard lock(mutex_);
    lost = lost_;
  }
  for (const auto& name : lost)
    if (auto fd = connect_to(name); fd && !stopping_) (void)so_.ask_link(std::move(*fd));
}

}  // namespace me
