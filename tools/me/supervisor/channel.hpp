// JSON values over a Unix socket or pipe, one per line. Both ends belong to one user.
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"

namespace me {

class Channel {
 public:
  static constexpr std::size_t line_max = 16 << 20;

  explicit Channel(engine::FileDescriptor fd) : fd_{std::move(fd)} {}

  // False when nobody reads any more.
  bool send(const nlohmann::json& value);
  // Nothing at the end of the stream, or when what came is not JSON.
  std::optional<nlohmann::json> receive();
  int fd() const { return fd_.get(); }

 private:
  engine::FileDescriptor fd_;
  std::string buffer_;
  std::size_t searched_ = 0;  // so much of it has no end of a line
};

[[nodiscard]] nlohmann::json to_json(const engine::Error& error);
[[nodiscard]] engine::Error error_from(const nlohmann::json& value);

}  // namespace me
