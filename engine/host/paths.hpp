// Where a smart object keeps what outlives a command, and how it may be called.
#pragma once
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace engine {

inline constexpr std::string_view default_name = "so1";

// 1 to 15 characters: letters, digits, '-', '_'; a letter or digit first.
[[nodiscard]] Result<> check_name(std::string_view name);

// Short whatever the checkout's depth: sockets live here. $ME_RUNTIME_DIR if set; /run/soo for root; else
// $XDG_RUNTIME_DIR/soo or /tmp/soo-<uid>.
[[nodiscard]] std::filesystem::path runtime_folder();

// /var/log/soo for root, else $XDG_STATE_HOME/soo or ~/.local/state/soo.
[[nodiscard]] std::filesystem::path default_log_folder();

// so1 logs in the folder itself, any other smart object in a folder of its name.
[[nodiscard]] std::filesystem::path log_folder(const std::filesystem::path& base, std::string_view name);

// Makes a folder, private when wanted, and checks that it belongs to this user.
[[nodiscard]] Result<> make_private_folder(const std::filesystem::path& folder);
// Fails when the folder exists, but is not this user's alone to write to, or not a folder.
[[nodiscard]] Result<> check_private_folder(const std::filesystem::path& folder);
[[nodiscard]] Result<> make_folder(const std::filesystem::path& folder);

// Fails when a Unix socket cannot have this path.
[[nodiscard]] Result<> check_socket_path(const std::filesystem::path& path);

}  // namespace engine
