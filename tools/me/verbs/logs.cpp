// me logs reads the files: what MEs said can be read when the smart object is no more, too.
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <optional>

#include "engine/host/paths.hpp"
#include "engine/logs/log_sink.hpp"
#include "tools/me/supervisor/client.hpp"
#include "tools/me/supervisor/runtime_files.hpp"
#include "tools/me/verb.hpp"

namespace me {
namespace {

using engine::fail;
namespace fs = std::filesystem;

// Shows whole lines of the files in a folder, each once.
class Reader {
 public:
  Reader(const Context& context, fs::path folder, std::optional<std::uint32_t> only)
      : json_{context.json}, folder_{std::move(folder)}, only_{only} {}

  void show_new_lines() {
    for (const auto slot : engine::logged_slots(folder_))
      if (!only_ || *only_ == slot) show(slot);
  }

 private:
  void show(std::uint32_t slot) {
    auto& shown = shown_[slot];
    const auto file = engine::log_file(folder_, slot);
    std::error_code error;
    const auto size = static_cast<std::streamoff>(fs::file_size(file, error));
    if (!error && size < shown) shown = 0;  // begun anew
    std::ifstream in(file);
    in.seekg(shown);
    for (std::string line; std::getline(in, line) && !in.eof(); shown = in.tellg())
      if (json_) print_line(to_text({{"slot", slot}, {"line", line}}));
      else print_guest_line(line);
  }

  bool json_;
  fs::path folder_;
  std::optional<std::uint32_t> only_;
  std::map<std::uint32_t, std::streamoff> shown_;
};

// Where the smart object that is up writes, else where one would.
fs::path folder_of(const Context& context) {
  if (const auto files = RuntimeFiles::of(context.on); files && context.log_dir.empty())
    if (const auto facts = read_facts(*files); facts.contains("log_folder") && facts["log_folder"].is_string())
      return facts["log_folder"].get<std::string>();
  return engine::log_folder(context.log_base(), context.on);
}

Result<> follow(Client& client, const fs::path& folder, Reader& reader) {
  const engine::FileDescriptor changes(::inotify_init1(IN_CLOEXEC));
  if (!changes || ::inotify_add_watch(changes.get(), folder.c_str(), IN_MODIFY | IN_CREATE) < 0)
    return fail(Errc::environment, fmt::format("cannot watch {}", folder.string()));
  if (auto begun = client.call({{"verb", "follow"}}); !begun) return std::unexpected(begun.error());
  while (true) {
    reader.show_new_lines();
    pollfd fds[] = {{changes.get(), POLLIN, 0}, {client.fd(), POLLIN, 0}};
    if (::poll(fds, 2, -1) < 0) continue;
    char events[4096];
    if (fds[0].revents != 0) (void)!::read(changes.get(), events, sizeof events);
    if (fds[1].revents == 0) continue;
    const auto event = client.next();
    if (!event) return std::unexpected(client.why_gone());
    if (const auto notice = event->find("notice"); notice != event->end()) remark("me: " + notice->get<std::string>());
    if (const auto ended = event->find("ended"); ended != event->end()) {
      reader.show_new_lines();
      return std::unexpected(error_from(*ended));
    }
  }
}

Result<> logs(Context& context, std::optional<std::uint32_t> slot, bool following) {
  const auto folder = folder_of(context);
  auto client = Client::connect(context.on);
  if (client) (void)client->call({{"verb", "flush"}});
  else if (following) return std::unexpected(client.error());
  const auto slots = engine::logged_slots(folder);
  if (!client && slots.empty()) return std::unexpected(client.error());
  if (slot && !following && !std::ranges::count(slots, *slot))
    return fail(Errc::not_found, fmt::format("there is no log of slot {} in {}", *slot, folder.string()));
  Reader reader(context, folder, slot);
  if (following) return follow(*client, folder, reader);
  reader.show_new_lines();
  return {};
}

}  // namespace

void add_logs(CLI::App& app, Action& chosen) {
  struct Arguments {
    std::optional<std::uint32_t> slot;
    bool follow = false;
  };
  auto* verb = app.add_subcommand("logs");
  auto arguments = std::make_shared<Arguments>();
  verb->add_option("SLOT", arguments->slot)->check(decimal());
  verb->add_flag("-f,--follow", arguments->follow);
  verb->callback([arguments, &chosen] {
    chosen = [arguments](Context& context) { return logs(context, arguments->slot, arguments->follow); };
  });
}

}  // namespace me
