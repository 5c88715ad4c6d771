#include "tools/me/supervisor/client.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "tools/me/output.hpp"
#include "tools/me/supervisor/runtime_files.hpp"

namespace me {

using engine::Errc;
using engine::fail;
using engine::Result;
using nlohmann::json;

Result<Client> Client::connect(std::string_view name) {
  auto files = RuntimeFiles::of(name);
  if (!files) return std::unexpected(files.error());
  sockaddr_un address{AF_UNIX, {}};
  std::memcpy(address.sun_path, files->socket.c_str(), files->socket.native().size() + 1);
  engine::FileDescriptor fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd && ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    return Client(std::string(name), Channel(std::move(fd)));
  if (errno == EACCES) return fail(Errc::not_up, fmt::format("smart object {} is not this user's", name));
  const auto facts = read_facts(*files);
  const auto start = fmt::format("start it: me up{}{}", name == "so1" ? "" : " ", name == "so1" ? "" : name);
  if (const auto died = facts.find("died"); died != facts.end() && died->is_string())
    return fail(Errc::died, died->get<std::string>(), start);
  if (!facts.empty())
    return fail(Errc::not_up, fmt::format("smart object {} is not up: its supervisor has died", name), start);
  return fail(Errc::not_up, fmt::format("smart object {} is not up", name), start);
}

Result<json> Client::call(const json& request) {
  ask(request);
  return answer();
}

Result<json> Client::answer() {
  std::optional<json> answer;
  if (asked_) answer = channel_.receive();
  if (!answer || !answer->is_object()) return std::unexpected(why_gone());
  if (const auto error = answer->find("error"); error != answer->end()) return std::unexpected(error_from(*error));
  if (const auto notice = answer->find("notice"); notice != answer->end() && notice->is_string())
    remark("me: " + printable(notice->get<std::string>()));
  return answer->value("value", json());
}

// It may have died meanwhile: then it has left word why, before it hung up.
engine::Error Client::why_gone() const {
  if (const auto again = connect(name_); !again) return again.error();
  return {Errc::failed, fmt::format("smart object {} hung up", name_), {}};
}

}  // namespace me
