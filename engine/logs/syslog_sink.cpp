// RFC 3164 datagrams, as syslog(3) sends them; unlike it, this says when nobody listens and waits when the
// daemon is slow, so that no line is lost without a word.
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/host/file_descriptor.hpp"
#include "engine/host/paths.hpp"
#include "engine/logs/log_sink.hpp"

namespace engine {
namespace {

constexpr int user_info = 1 << 3 | 6;  // facility user, severity info

class Syslog : public LogSink {
 public:
  Syslog(std::filesystem::path path, std::string_view name)
      : path_{std::move(path)}, tag_{fmt::format("<{}>soo/{}[{}]: ", user_info, name, ::getpid())} {}

  Result<> connect() {
    if (auto fits = check_socket_path(path_); !fits) return fits;
    sockaddr_un address{AF_UNIX, {}};
    std::memcpy(address.sun_path, path_.c_str(), path_.native().size() + 1);
    socket_ = FileDescriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    const timeval patience{1, 0};  // a daemon that hangs must not hold up the end of the smart object
    if (socket_ && ::setsockopt(socket_.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      return {};
    socket_ = FileDescriptor();
    return fail(Errc::environment,
                fmt::format("no syslog daemon listens at {}: {}", path_.string(), std::strerror(errno)),
                "start one (systemctl start syslog-ng), or leave out --syslog");
  }

  Taken write(std::uint32_t, std::string_view text) override {
    std::size_t taken = 0;
    while (taken < text.size()) {
      const auto end = text.find('\n', taken);
      const auto line = text.substr(taken, end == text.npos ? text.npos : end - taken);
      if (!socket_)
        if (auto again = connect(); !again) return {taken, again.error()};
      const auto datagram = tag_ + std::string(line);
      if (::send(socket_.get(), datagram.data(), datagram.size(), MSG_NOSIGNAL) < 0) {
        if (errno == EINTR) continue;
        const Error stopped{Errc::environment, fmt::format("syslog at {}: {}", path_.string(), std::strerror(errno)),
                            "start the syslog daemon again: the MEs wait"};
        socket_ = FileDescriptor();
        return {taken, stopped};
      }
      taken += line.size() + (end == text.npos ? 0 : 1);
    }
    return {taken, std::nullopt};
  }

 private:
  std::filesystem::path path_;
  std::string tag_;
  FileDescriptor socket_;
};

}  // namespace

Result<std::unique_ptr<LogSink>> open_syslog(const std::filesystem::path& socket, std::string_view name,
                                             const std::filesystem::path& folder) {
  auto sink = std::make_unique<Syslog>(socket, name);
  if (auto connected = sink->connect(); !connected) return std::unexpected(connected.error());
  // The daemon holds them open for appending: emptied, not removed.
  for (const auto slot : logged_slots(folder)) (void)!::truncate(log_file(folder, slot).c_str(), 0);
  return sink;
}

}  // namespace engine
