#include "engine/machine/launch.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace engine {
namespace {

struct Ends {
  FileDescriptor ours, theirs;
};

std::unexpected<Error> no_descriptors(const char* what) {
  return fail(Errc::no_room, fmt::format("cannot make {} for QEMU: {}", what, std::strerror(errno)),
              "end some programs, or raise the limit of open files (ulimit -n)");
}

Result<Ends> socket_pair() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0) return no_descriptors("a socket");
  return Ends{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

Result<Ends> pipe_to_us() {
  int fds[2];
  if (::pipe2(fds, O_CLOEXEC) != 0) return no_descriptors("a pipe");
  return Ends{FileDescriptor(fds[0]), FileDescriptor(fds[1])};
}

}  // namespace

Result<Launched> launch(const Options& options, const Qemu& qemu, int window_fd) {
  auto control = socket_pair();
  if (!control) return std::unexpected(control.error());
  auto console = socket_pair();
  if (!console) return std::unexpected(console.error());
  auto errors = pipe_to_us();
  if (!errors) return std::unexpected(errors.error());
  const Inherit inherit[] = {{errors->theirs.get(), STDOUT_FILENO},
                             {errors->theirs.get(), STDERR_FILENO},
                             {control->theirs.get(), qemu_control_fd},
                             {console->theirs.get(), qemu_console_fd},
                             {window_fd, qemu_window_fd}};
  auto process = Process::start(qemu_command(options, qemu), inherit);
  if (!process) return std::unexpected(process.error());
  return Launched{std::move(*process), std::move(control->ours), std::move(console->ours), std::move(errors->ours)};
}

}  // namespace engine
