#include "tools/me/supervisor/channel.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace me {

using nlohmann::json;

bool Channel::send(const json& value) {
  const auto line = value.dump(-1, ' ', false, json::error_handler_t::replace) + '\n';
  for (std::size_t sent = 0; sent < line.size();) {
    auto n = ::send(fd_.get(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno == ENOTSOCK) n = ::write(fd_.get(), line.data() + sent, line.size() - sent);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    sent += static_cast<std::size_t>(n);
  }
  return true;
}

std::optional<json> Channel::receive() {
  while (true) {
    if (const auto end = buffer_.find('\n', searched_); end != buffer_.npos) {
      auto value = json::parse(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
      buffer_.erase(0, end + 1);
      searched_ = 0;
      if (value.is_discarded()) return std::nullopt;
      return value;
    }
    searched_ = buffer_.size();
    char part[65536];
    const auto n = ::read(fd_.get(), part, sizeof part);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0 || buffer_.size() > line_max) return std::nullopt;
    buffer_.append(part, static_cast<std::size_t>(n));
  }
}

json to_json(const engine::Error& error) {
  return {{"code", static_cast<int>(error.code)}, {"message", error.message}, {"remedy", error.remedy}};
}

engine::Error error_from(const json& value) {
  const auto text = [&](const char* key) {
    const auto at = value.is_object() ? value.find(key) : value.end();
    return at != value.end() && at->is_string() ? at->get<std::string>() : std::string();
  };
  const auto code = value.is_object() ? value.find("code") : value.end();
  const bool known = code != value.end() && code->is_number_unsigned() && code->get<std::uint64_t>() >= 1 &&
                     code->get<std::uint64_t>() <= static_cast<std::uint64_t>(engine::Errc::wrong_state);
  return {known ? static_cast<engine::Errc>(code->get<int>()) : engine::Errc::failed, text("message"), text("remedy")};
}

}  // namespace me
