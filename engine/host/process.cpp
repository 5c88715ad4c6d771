#include "engine/host/process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>

namespace engine {
namespace {

constexpr int first_free = 64;  // descriptors are parked from here while the wanted numbers are filled

// Between fork and exec in a process that had threads: only async-signal-safe calls.
[[noreturn]] void become(char* const* argv, std::span<const Inherit> inherit, pid_t parent, int report) {
  const auto stop = [&report](int error) {
    (void)!::write(report, &error, sizeof error);
    ::_exit(127);
  };
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before the line above
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::signal(SIGPIPE, SIG_DFL);

  if (const int moved = ::fcntl(report, F_DUPFD_CLOEXEC, first_free); moved >= 0) report = moved;
  else stop(errno);
  int parked[16] = {};
  if (inherit.size() > std::size(parked)) stop(E2BIG);
  for (std::size_t i = 0; i < inherit.size(); ++i) {
    parked[i] = ::fcntl(inherit[i].fd, F_DUPFD_CLOEXEC, first_free);
    if (parked[i] < 0) stop(errno);
  }
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (null < 0 || ::dup2(null, STDIN_FILENO) < 0) stop(errno);
  int last = STDERR_FILENO;
  for (std::size_t i = 0; i < inherit.size(); ++i) {
    if (::dup2(parked[i], inherit[i].as) < 0) stop(errno);
    last = inherit[i].as > last ? inherit[i].as : last;
  }
  // What is above `last` closes at exec: the report pipe must stay open until then.
  constexpr unsigned cloexec = 1U << 2;
  ::syscall(SYS_close_range, last + 1, ~0U, cloexec);
  ::execv(argv[0], argv);
  stop(errno);
  ::_exit(127);
}

}  // namespace

Result<Process> Process::start(const std::vector<std::string>& args, std::span<const Inherit> inherit) {
  std::vector<char*> argv;
  for (const auto& a : args) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);

  int report[2];
  if (::pipe2(report, O_CLOEXEC) != 0) return fail(Errc::failed, fmt::format("pipe: {}", std::strerror(errno)));
  FileDescriptor read_end(report[0]), write_end(report[1]);
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0)
    return fail(Errc::no_room, fmt::format("cannot start {}: {}", args[0], std::strerror(errno)),
                "end some processes, or raise the limit (ulimit -u)");
  if (pid == 0) become(argv.data(), inherit, parent, report[1]);
  write_end = FileDescriptor();

  Process child(pid, FileDescriptor(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))));
  int error = 0;
  if (::read(read_end.get(), &error, sizeof error) == sizeof error)
    return fail(Errc::environment, fmt::format("cannot start {}: {}", args[0], std::strerror(error)));
  if (!child.pidfd_) return fail(Errc::environment, "this kernel has no pidfd_open; Linux 5.3 or later is needed");
  return child;
}

Process& Process::operator=(Process&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(pidfd_, other.pidfd_);
  return *this;
}

Process::~Process() {
  if (!pidfd_ || pid_ < 0) return;
  kill();
  (void)reap();
}

void Process::terminate() {
  if (pid_ > 0) ::kill(-pid_, SIGTERM);
}

void Process::kill() {
  if (pidfd_) ::syscall(SYS_pidfd_send_signal, pidfd_.get(), SIGKILL, nullptr, 0);
  if (pid_ > 0) ::kill(-pid_, SIGKILL);
}

Exit Process::reap() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  if (WIFSIGNALED(status)) return {true, WTERMSIG(status)};
  return {false, WEXITSTATUS(status)};
}

std::string Exit::text() const {
  if (by_signal) return fmt::format("was killed by signal {} ({})", number, ::strsignal(number));
  return fmt::format("ended with exit status {}", number);
}

Result<std::string> output_of(const std::vector<std::string>& args, std::chrono::seconds patience, std::size_t limit) {
  int out[2];
  if (::pipe2(out, O_CLOEXEC) != 0) return fail(Errc::failed, fmt::format("pipe: {}", std::strerror(errno)));
  FileDescriptor read_end(out[0]), write_end(out[1]);
  const Inherit inherit[] = {{out[1], STDOUT_FILENO}, {out[1], STDERR_FILENO}};
  auto child = Process::start(args, inherit);
  if (!child) return std::unexpected(child.error());
  write_end = FileDescriptor();
  std::string text;
  char part[1024];
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (text.size() < limit) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd output{read_end.get(), POLLIN, 0};
    const int ready = left.count() > 0 ? ::poll(&output, 1, static_cast<int>(left.count())) : 0;
    if (ready == 0)
      return fail(Errc::timed_out, fmt::format("{} does not end within {} s", fmt::join(args, " "), patience.count()),
                  "is it the right program?");
    const auto n = ready < 0 ? -1 : ::read(read_end.get(), part, sizeof part);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    text.append(part, static_cast<std::size_t>(n));
  }
  return text;
}

std::string find_program(const std::string& program) {
  if (program.contains('/')) return ::access(program.c_str(), X_OK) == 0 ? program : std::string();
  const char* path = std::getenv("PATH");
  std::stringstream folders(path ? path : "/usr/local/bin:/usr/bin:/bin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    const auto candidate = (std::filesystem::path(folder.empty() ? "." : folder) / program).string();
    if (::access(candidate.c_str(), X_OK) == 0) return candidate;
  }
  return {};
}

}  // namespace engine
