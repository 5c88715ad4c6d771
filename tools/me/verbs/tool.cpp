#include "tools/me/verbs/tool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "engine/host/process.hpp"
#include "engine/machine/line_splitter.hpp"
#include "tools/me/interrupt.hpp"

namespace me {

using engine::Errc;
using engine::fail;
using engine::Result;

namespace {
constexpr std::chrono::seconds grace{5};  // for an interrupted tool
}

std::string newest_clang() {
  constexpr int oldest = 19, newest = 25;
  for (int version = newest; version > oldest; --version)
    if (const auto name = fmt::format("clang++-{}", version); !engine::find_program(name).empty()) return name;
  return fmt::format("clang++-{}", oldest);
}

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
  // It ends what it has started; what does not end is killed.
  const auto interrupt = interrupt_token();
  const std::stop_callback on_interrupt(interrupt, [&] { process->terminate(); });
  engine::LineSplitter lines;
  char part[4096];
  for (std::chrono::seconds silent{0};;) {
    pollfd output{read_end.get(), POLLIN, 0};
    const int ready = ::poll(&output, 1, 1000);
    if (ready < 0) continue;
    if (ready == 0 && ++silent < (interrupt.stop_requested() ? grace : patience)) continue;
    if (ready == 0 && interrupt.stop_requested()) return fail(Errc::interrupted, "interrupted");
    if (ready == 0)
      return fail(Errc::timed_out,
                  fmt::format("{} has said nothing for {} s and was killed", command[0], patience.count()));
    silent = {};
    const auto n = ::read(read_end.get(), part, sizeof part);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    lines.feed({part, static_cast<std::size_t>(n)}, [&](const std::string& l) { line(l); });
  }
  if (auto rest = lines.take_rest(); !rest.empty()) line(rest);
  const auto exit = process->reap();
  if (interrupt.stop_requested()) return fail(Errc::interrupted, "interrupted");
  if (exit.by_signal) return fail(Errc::failed, fmt::format("{} {}", command[0], exit.text()));
  return exit.number;
}

}  // namespace me
