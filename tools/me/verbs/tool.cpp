#include "tools/me/verbs/tool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/host/process.hpp"
#include "engine/machine/line_splitter.hpp"

namespace me {

using engine::Errc;
using engine::fail;
using engine::Result;

Result<int> run_tool(const std::vector<std::string>& command, const std::function<void(std::string_view)>& line,
                     std::chrono::seconds patience) {
  auto args = command;
  args[0] = engine::find_program(command[0]);
  if (args[0].empty())
    return fail(Errc::environment, fmt::format("{} is missing", command[0]), "me doctor names the package that has it");
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::no_room, fmt::format("pipe: {}", std::strerror(errno)));
  engine::FileDescriptor read_end(ends[0]), write_end(ends[1]);
  const engine::Inherit inherit[] = {{write_end.get(), STDOUT_FILENO}, {write_end.get(), STDERR_FILENO}};
  auto process = engine::Process::start(args, inherit);
  if (!process) return std::unexpected(process.error());
  write_end = engine::FileDescriptor();
  engine::LineSplitter lines;
  char part[4096];
  while (true) {
    pollfd output{read_end.get(), POLLIN, 0};
    if (::poll(&output, 1, static_cast<int>(std::chrono::milliseconds(patience).count())) == 0)
      return fail(Errc::timed_out,
                  fmt::format("{} has said nothing for {} s and was killed", command[0], patience.count()));
    const auto n = ::read(read_end.get(), part, sizeof part);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    lines.feed({part, static_cast<std::size_t>(n)}, [&](const std::string& l) { line(l); });
  }
  if (auto rest = lines.take_rest(); !rest.empty()) line(rest);
  const auto how = process->reap();
  constexpr std::string_view status = "ended with exit status ";
  if (!how.starts_with(status)) return fail(Errc::failed, fmt::format("{} {}", command[0], how));
  return std::stoi(how.substr(status.size()));
}

}  // namespace me
