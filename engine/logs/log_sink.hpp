// Where log lines of MEs end: files of our own, or the host's syslog.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/error.hpp"

namespace engine {

class LogSink {
 public:
  struct Taken {
    std::size_t bytes;            // of the text, from its beginning
    std::optional<Error> stopped; // why it took no more
  };

  virtual ~LogSink() = default;
  // `text` is whole lines of one ME, or what is left of them after an earlier call took a part.
  [[nodiscard]] virtual Taken write(std::uint32_t slot, std::string_view text) = 0;
};

// One file per ME, me_<slot>.log in `folder`. Old ones are removed here: logs begin with the smart object. already_up: another
// one has the folder.
[[nodiscard]] Result<std::unique_ptr<LogSink>> open_log_files(const std::filesystem::path& folder);

// One datagram per line to the daemon that listens at `socket`, with "soo/<name>" as program. The files that
// engine/syslog/soo.conf has syslog-ng write are emptied where this user may do so.
[[nodiscard]] Result<std::unique_ptr<LogSink>> open_syslog(const std::filesystem::path& socket, std::string_view name,
                                                           const std::filesystem::path& folder);

[[nodiscard]] std::filesystem::path log_file(const std::filesystem::path& folder, std::uint32_t slot);
// The slots that have a log file in `folder`, ascending.
[[nodiscard]] std::vector<std::uint32_t> logged_slots(const std::filesystem::path& folder);

}  // namespace engine
