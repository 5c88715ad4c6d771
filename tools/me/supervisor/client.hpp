// The verbs' way to a smart object that is up.
#pragma once
#include <string_view>

#include "engine/error.hpp"
#include "tools/me/supervisor/channel.hpp"

namespace me {

class Client {
 public:
  // Fails with not_up, and says so when it had died.
  [[nodiscard]] static engine::Result<Client> connect(std::string_view name);

  // {"verb": …, arguments} -> the answer's "value".
  [[nodiscard]] engine::Result<nlohmann::json> call(const nlohmann::json& request);
  // The same in two halves, for who asks several at once.
  void ask(const nlohmann::json& request) { asked_ = channel_.send(request); }
  [[nodiscard]] engine::Result<nlohmann::json> answer();
  // After a request that has a stream of answers: the next one; nothing at its end.
  [[nodiscard]] std::optional<nlohmann::json> next() { return channel_.receive(); }
  // Why there is no next one.
  [[nodiscard]] engine::Error why_gone() const;
  int fd() const { return channel_.fd(); }

 private:
  Client(std::string name, Channel channel) : name_{std::move(name)}, channel_{std::move(channel)} {}

  std::string name_;
  Channel channel_;
  bool asked_ = false;
};

}  // namespace me
