#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <map>

#include "engine/host/file_descriptor.hpp"
#include "engine/host/paths.hpp"
#include "engine/logs/log_sink.hpp"

namespace engine {
namespace {

namespace fs = std::filesystem;

Error cannot_write(const fs::path& file) {
  const bool full = errno == ENOSPC || errno == EDQUOT;
  return {full ? Errc::no_room : Errc::environment,
          fmt::format("cannot write {}: {}", file.string(), std::strerror(errno)),
          full ? "free some disk: the MEs wait and nothing is lost" : "make it writable"};
}

class LogFiles : public LogSink {
 public:
  LogFiles(fs::path folder, FileDescriptor lock) : folder_{std::move(folder)}, lock_{std::move(lock)} {}
  ~LogFiles() override { ::flock(lock_.get(), LOCK_UN); }  // a child that is being made may have a copy

  Taken write(std::uint32_t slot, std::string_view text) override {
    auto& file = files_[slot];
    const auto path = log_file(folder_, slot);
    if (!file)
      file = FileDescriptor(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file) return {0, cannot_write(path)};
    std::size_t taken = 0;
    while (taken < text.size()) {
      const auto n = ::write(file.get(), text.data() + taken, text.size() - taken);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return {taken, cannot_write(path)};
      taken += static_cast<std::size_t>(n);
    }
    return {taken, std::nullopt};
  }

 private:
  fs::path folder_;
  FileDescriptor lock_;
  std::map<std::uint32_t, FileDescriptor> files_;
};

}  // namespace

fs::path log_file(const fs::path& folder, std::uint32_t slot) { return folder / fmt::format("me_{}.log", slot); }

std::vector<std::uint32_t> logged_slots(const fs::path& folder) {
  std::vector<std::uint32_t> slots;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const auto name = entry->path().filename().string();
    if (!name.starts_with("me_") || !name.ends_with(".log")) continue;
    std::uint32_t slot = 0;
    const char* const last = name.data() + name.size() - 4;
    const auto number = std::from_chars(name.data() + 3, last, slot);
    if (number.ec == std::errc() && number.ptr == last) slots.push_back(slot);
  }
  std::ranges::sort(slots);
  return slots;
}

Result<std::unique_ptr<LogSink>> open_log_files(const fs::path& folder) {
  if (auto made = make_folder(folder); !made) return std::unexpected(made.error());
  if (::access(folder.c_str(), W_OK | X_OK) != 0)
    return fail(Errc::environment,
                fmt::format("cannot write to the log folder {}: {}", folder.string(), std::strerror(errno)),
                "choose another one with --log-dir");
  FileDescriptor lock(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!lock || ::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    const bool taken = lock && errno == EWOULDBLOCK;
    return fail(taken ? Errc::already_up : Errc::environment,
                taken ? fmt::format("another smart object keeps its logs in {}", folder.string())
                      : fmt::format("cannot lock the log folder {}: {}", folder.string(), std::strerror(errno)),
                "choose another folder with --log-dir, or another name");
  }
  for (const auto slot : logged_slots(folder)) {
    std::error_code error;
    fs::remove(log_file(folder, slot), error);
    if (error)
      return fail(Errc::environment,
                  fmt::format("cannot remove the old {}: {}", log_file(folder, slot).string(), error.message()));
  }
  return std::make_unique<LogFiles>(folder, std::move(lock));
}

}  // namespace engine
