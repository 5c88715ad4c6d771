// me up: a supervisor process of its own, which stays when this one returns.
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "engine/host/paths.hpp"
#include "tools/me/interrupt.hpp"
#include "tools/me/supervisor/client.hpp"
#include "tools/me/supervisor/supervisor.hpp"
#include "tools/me/verbs/machine_options.hpp"

namespace me {
namespace {

using engine::fail;
using engine::FileDescriptor;
namespace fs = std::filesystem;

constexpr int report_fd = 3;  // of the supervisor

struct Supervisor {
  pid_t pid;
  Channel report;
};

// The same program again, in a session of its own, so that neither Ctrl-C nor the terminal's end reaches it.
Result<Supervisor> start_supervisor(const engine::Options& o) {
  std::vector<std::string> args = {
      this_program().string(), "supervise", "--report-fd", fmt::format("{}", report_fd), "--on", o.name, "--log-dir",
      o.log_base.string()};
  std::ranges::move(machine_arguments(o), std::back_inserter(args));
  std::vector<char*> argv;
  for (auto& a : args) argv.push_back(a.data());
  argv.push_back(nullptr);

  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Errc::no_room, fmt::format("pipe: {}", std::strerror(errno)));
  FileDescriptor read_end(ends[0]), write_end(ends[1]);
  // A number other than report_fd, so that dup2 below clears close-on-exec.
  const FileDescriptor spare(::fcntl(write_end.get(), F_DUPFD_CLOEXEC, 10));

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_adddup2(&actions, spare.get(), report_fd);
  ::posix_spawn_file_actions_addchdir_np(&actions, "/");
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t pid = -1;
  const int error = ::posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return fail(Errc::no_room, fmt::format("cannot start the supervisor: {}", std::strerror(error)));
  return Supervisor{pid, Channel(std::move(read_end))};
}

// What the supervisor reports until it is ready.
Result<json> await_ready(Supervisor& supervisor) {
  Result<json> result = fail(Errc::failed, "the supervisor ended without a word");
  while (const auto report = supervisor.report.receive()) {
    if (const auto text = report->find("remark"); text != report->end()) remark("me: " + text->get<std::string>());
    if (const auto error = report->find("error"); error != report->end()) result = std::unexpected(error_from(*error));
    if (const auto ready = report->find("ready"); ready != report->end()) result = *ready;
  }
  return result;
}

Result<std::vector<fs::path>> capsules_in(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".itb") files.push_back(fs::absolute(entry->path()));
  if (error)
    return fail(Errc::not_found, fmt::format("{}: {}", folder.string(), error.message()),
                "name a folder with .itb files");
  std::ranges::sort(files);
  return files;
}

// M31: each in the order of the names. One that is refused does not keep the others out.
Result<> inject_all(const Context& context, const std::string& name, const std::vector<fs::path>& files,
                    json& injected) {
  std::optional<Error> first;
  for (const auto& file : files) {
    auto client = Client::connect(name);
    if (!client) return std::unexpected(client.error());
    auto value = client->call({{"verb", "inject"}, {"file", file.string()}});
    if (interrupt_token().stop_requested()) return {};  // told by up()
    if (value) {
      injected.push_back(*value);
      if (!context.json)
        print_line(
            fmt::format("injected {} into slot {}", printable(value->value("name", "")), value->value("slot", 0U)));
    } else {
      injected.push_back({{"file", file.string()}, {"error", to_json(value.error())}});
      print_error(value.error());
      if (!first) first = Error{value.error().code, {}, {}};
    }
  }
  if (first) return std::unexpected(*first);
  return {};
}

Result<> start_and_inject(const Context& context, const engine::Options& options, const std::vector<fs::path>& files,
                          Supervisor& supervisor) {
  auto ready = await_ready(supervisor);
  if (!ready) return std::unexpected(ready.error());
  if (!context.json)
    print_line(fmt::format("{} is up: {} CPUs, GICv{}, {} MB free; logs in {}", paint(Colour::good, options.name),
                           ready->value("cpus", 0U), options.gic, ready->value("memory_free", std::uint64_t{0}) >> 20,
                           ready->value("log_folder", "")));
  json injected = json::array();
  auto all = inject_all(context, options.name, files, injected);
  if (interrupt_token().stop_requested()) return all;
  if (context.json) {
    (*ready)["injected"] = injected;
    print_json(*ready);
  }
  return all;
}

Result<> up(Context& context, engine::Options options, const std::optional<std::string>& name,
            const std::optional<std::string>& me_dir) {
  auto on = chosen_name(context, name);
  if (!on) return std::unexpected(on.error());
  options.name = std::move(*on);
  if (auto good = engine::check_name(options.name); !good) return good;
  complete(options, context);
  Result<std::vector<fs::path>> files;
  if (me_dir) files = capsules_in(*me_dir);
  if (!files) return std::unexpected(files.error());
  const auto interrupt = interrupt_token();
  auto supervisor = start_supervisor(options);
  if (!supervisor) return std::unexpected(supervisor.error());
  // It ends its smart object, and has cleaned up when it ends.
  const std::stop_callback on_interrupt(interrupt, [pid = supervisor->pid] { ::kill(pid, SIGTERM); });
  auto done = start_and_inject(context, options, *files, *supervisor);
  if (!interrupt.stop_requested()) return done;
  ::waitpid(supervisor->pid, nullptr, 0);
  return fail(Errc::interrupted, fmt::format("interrupted: smart object {} is not up", options.name));
}

}  // namespace

void add_up(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("up");
  struct Arguments {
    engine::Options options;
    std::optional<std::string> name, me_dir;
  };
  auto arguments = std::make_shared<Arguments>();
  add_machine_options(*verb, arguments->options);
  verb->add_option("NAME", arguments->name)->check(not_empty());
  verb->add_option("--me-dir", arguments->me_dir)->check(not_empty());
  verb->callback([arguments, &chosen] {
    chosen = [arguments](Context& context) {
      return up(context, arguments->options, arguments->name, arguments->me_dir);
    };
  });
}

void add_supervise(CLI::App& app, Action& chosen) {
  auto* verb = app.add_subcommand("supervise")->group("");
  auto options = std::make_shared<engine::Options>();
  auto report = std::make_shared<int>(-1);  // told, not assumed: a caller may have left any file open as 3
  add_machine_options(*verb, *options);
  verb->add_option("--report-fd", *report);
  verb->callback([options, report, &chosen] {
    chosen = [options, report](Context& context) -> Result<> {
      options->name = context.on;
      complete(*options, context);
      if (::fcntl(*report, F_SETFD, FD_CLOEXEC) != 0)
        return fail(Errc::usage, "supervise is for 'me up' only", "use me up");
      if (const int code = supervise(*options, *report); code != 0) return fail(static_cast<Errc>(code), {});
      return {};
    };
  });
}

}  // namespace me
