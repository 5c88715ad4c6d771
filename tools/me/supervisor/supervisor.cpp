#include "tools/me/supervisor/supervisor.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <future>

#include "engine/host/paths.hpp"
#include "tools/me/supervisor/connections.hpp"
#include "tools/me/supervisor/runtime_files.hpp"

namespace me {
namespace {

using engine::Errc;
using engine::Error;
using engine::fail;
using engine::FileDescriptor;
using engine::Result;
using engine::SmartObject;

// SIGINT, SIGTERM and SIGHUP as a readable descriptor. Before the first thread: all inherit the mask.
FileDescriptor catch_signals() {
  sigset_t ends;
  ::sigemptyset(&ends);
  for (const int s : {SIGINT, SIGTERM, SIGHUP}) ::sigaddset(&ends, s);
  ::pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
  return FileDescriptor(::signalfd(-1, &ends, SFD_CLOEXEC));
}

Result<FileDescriptor> listen_at(const std::filesystem::path& path) {
  sockaddr_un address{AF_UNIX, {}};
  std::memcpy(address.sun_path, path.c_str(), path.native().size() + 1);
  FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd && ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      ::listen(fd.get(), 16) == 0)
    return fd;
  return fail(Errc::environment, fmt::format("cannot listen at {}: {}", path.string(), std::strerror(errno)));
}

// Waits for any of these to become readable, or to lose its peer.
std::size_t wait_for_any(std::initializer_list<int> fds, int timeout_ms) {
  std::vector<pollfd> polled;
  for (const int fd : fds) polled.push_back({fd, POLLIN, 0});
  while (::poll(polled.data(), polled.size(), timeout_ms) < 0 && errno == EINTR) {
  }
  for (std::size_t i = 0; i < polled.size(); ++i)
    if (polled[i].revents != 0) return i;
  return polled.size();
}

}  // namespace

int supervise(const engine::Options& options, int report_fd) {
  const auto signals = catch_signals();
  Channel report{FileDescriptor(report_fd)};
  const auto give_up = [&](const Error& error) {
    report.send({{"error", to_json(error)}});
    return static_cast<int>(error.code);
  };

  auto files = RuntimeFiles::of(options.name);
  if (!files) return give_up(files.error());
  std::string found;
  auto lock = RuntimeLock::take(*files, options.name, found);
  if (!lock) return give_up(lock.error());
  if (!found.empty()) report.send({{"remark", "cleaned up: " + found}});

  // QEMU starts in a thread so that a signal, or the end of `me up`, is seen meanwhile.
  FileDescriptor started(::eventfd(0, EFD_CLOEXEC));
  std::promise<Result<std::unique_ptr<SmartObject>>> promise;
  auto starting = promise.get_future();
  std::thread starter([&] {
    promise.set_value(SmartObject::start(options));
    (void)::eventfd_write(started.get(), 1);
  });
  if (wait_for_any({started.get(), signals.get(), report.fd()}, -1) != 0) {
    lock->remove(false);
    ::_exit(static_cast<int>(Errc::interrupted));  // the kernel ends QEMU with us
  }
  starter.join();
  auto so = starting.get();
  if (!so) {
    lock->remove(false);
    return give_up(so.error());
  }

  auto listening = listen_at(files->socket);
  if (!listening) {
    lock->remove(false);
    return give_up(listening.error());
  }
  const nlohmann::json facts{
      {"pid", ::getpid()}, {"qemu_pid", (*so)->qemu_pid()}, {"log_folder", (*so)->log_folder().string()}};
  if (auto written = write_facts(*files, facts); !written) {
    lock->remove(false);
    return give_up(written.error());
  }
  report.send({{"ready",
                {{"name", options.name},
                 {"cpus", (*so)->ready().cpus},
                 {"memory_free", (*so)->ready().memory_free},
                 {"gic", options.gic},
                 {"log_folder", (*so)->log_folder().string()},
                 {"pid", ::getpid()}}}});
  report = Channel(FileDescriptor());

  auto connections = std::make_unique<Connections>(**so);
  std::optional<Error> died;
  while (true) {
    const auto what = wait_for_any({connections->ended_fd(), signals.get(), listening->get()}, -1);
    if (what == 0) {
      died = connections->died();
      break;
    }
    if (what == 1) break;
    if (const int fd = ::accept4(listening->get(), nullptr, nullptr, SOCK_CLOEXEC); fd >= 0)
      connections->serve(FileDescriptor(fd));
  }
  // The files go before the clients are hung up on: `me down` returns then, and an `up` may follow at once.
  if (died) (void)write_facts(*files, {{"died", died->message}});
  if (!died) (void)(*so)->power_off(std::chrono::seconds(10));
  lock->remove(died.has_value());
  connections.reset();
  so->reset();
  return died ? static_cast<int>(Errc::died) : 0;
}

}  // namespace me
