// The emulator: which one, and how it is called.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/error.hpp"
#include "engine/options.hpp"

namespace engine {

struct QemuVersion {
  int major, minor;
  constexpr auto operator<=>(const QemuVersion&) const = default;
};

inline constexpr QemuVersion qemu_oldest{7, 2};

// The descriptors under which QEMU finds its ends.
inline constexpr int qemu_control_fd = 3, qemu_console_fd = 4, qemu_window_fd = 5;

// QEMU keeps what it has translated, in so many MB; by default in up to a gigabyte for each machine.
inline constexpr std::uint64_t translation_mb = 64;

struct Qemu {
  std::string path;
  QemuVersion version;
};

// From the text of `--version`.
[[nodiscard]] Result<QemuVersion> parse_qemu_version(std::string_view text);
// Missing and too old are errors with a remedy.
[[nodiscard]] Result<Qemu> find_qemu(const std::string& program);
// Refuses what the machine cannot be: nine CPUs on a GICv2, no file to boot.
[[nodiscard]] Result<> check_machine(const Options& options);
[[nodiscard]] std::vector<std::string> qemu_command(const Options& options, const Qemu& qemu);

}  // namespace engine
