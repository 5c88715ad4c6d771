#include "tools/me/supervisor/supervisor.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>
#include <future>

#include "engine/host/paths.hpp"
#include "tools/me/supervisor/connections.hpp"
#include "tools/me/supervisor/links.hpp"
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
  // Before bind: the socket is born with this mode, whatever the umask.
  if (fd && ::fchmod(fd.get(), 0600) == 0 &&
      ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(fd.get(), 16) == 0)
    return fd;
  return fail(Errc::environment, fmt::format("cannot listen at {}: {}", path.string(), std::strerror(errno)));
}

// Waits for any of these to become readable, or to lose its peer.
std::size_t wait_for_any(std::initializer_list<int> fds) {
  std::vector<pollfd> polled;
  for (const int fd : fds) polled.push_back({fd, POLLIN, 0});
  while (::poll(polled.data(), polled.size(), -1) < 0 && errno == EINTR) {
  }
  for (std::size_t i = 0; i < polled.size(); ++i)
    if (polled[i].revents != 0) return i;
  return polled.size();
}

// In a thread, so that a signal, or the end of `me up`, is seen meanwhile.
Result<std::unique_ptr<SmartObject>> start(engine::Options options, const FileDescriptor& signals,
                                           const Channel& report) {
  const FileDescriptor started(::eventfd(0, EFD_CLOEXEC));
  std::stop_source interrupt;
  options.interrupt = interrupt.get_token();
  auto starting = std::async(std::launch::async, [&] {
    auto so = SmartObject::start(options);
    (void)::eventfd_write(started.get(), 1);
    return so;
  });
  if (wait_for_any({started.get(), signals.get(), report.fd()}) != 0) interrupt.request_stop();
  auto so = starting.get();
  if (so && interrupt.stop_requested()) return fail(Errc::interrupted, "interrupted");
  return so;
}

// Until `me down` or a signal; or what it died of.
std::optional<Error> serve(Connections& connections, Links& links, const FileDescriptor& signals,
                           const FileDescriptor& listening) {
  while (true) {
    const auto what = wait_for_any({connections.ended_fd(), signals.get(), links.fd(), listening.get()});
    if (what == 0) return connections.died();
    if (what == 1) return std::nullopt;
    if (what == 2) {
      links.accept();
      continue;
    }
    if (const int fd = ::accept4(listening.get(), nullptr, nullptr, SOCK_CLOEXEC); fd >= 0)
      connections.serve(FileDescriptor(fd));
  }
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

  auto so = start(options, signals, report);
  Result<FileDescriptor> listening, link_socket;
  Result<> announced;
  if (so) listening = listen_at(files->socket);
  if (so && listening) link_socket = listen_at(files->link);
  if (so && listening && link_socket)
    announced = write_facts(
        *files, {{"pid", ::getpid()}, {"qemu_pid", (*so)->qemu_pid()}, {"log_folder", (*so)->log_folder().string()}});
  if (so && listening && link_socket && announced &&
      !report.send({{"ready",
                     {{"name", options.name},
                      {"cpus", (*so)->ready().cpus},
                      {"memory_free", (*so)->ready().memory_free},
                      {"gic", options.gic},
                      {"log_folder", (*so)->log_folder().string()},
                      {"pid", ::getpid()}}}}))
    announced = fail(Errc::interrupted, "nobody waits for this smart object any more");
  if (!so || !listening || !link_socket || !announced) {
    const auto error = !so            ? so.error()
                       : !listening   ? listening.error()
                       : !link_socket ? link_socket.error()
                                      : announced.error();
    if (so) so->reset();
    lock->remove(false);
    return give_up(error);
  }
  report = Channel(FileDescriptor());

  auto links = std::make_unique<Links>(**so, std::move(*link_socket));
  auto connections = std::make_unique<Connections>(**so, *links);
  const auto died = serve(*connections, *links, signals, *listening);
  // The files go before the clients are hung up on: `me down` returns then, and an `up` may follow at once.
  if (died) (void)write_facts(*files, {{"died", died->message}});
  if (!died) (void)(*so)->power_off(std::chrono::seconds(10));
  lock->remove(died.has_value());
  connections.reset();
  links.reset();
  so->reset();
  return died ? static_cast<int>(Errc::died) : 0;
}

}  // namespace me
