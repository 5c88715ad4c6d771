// What a smart object is made of.
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <stop_token>
#include <string>
#include <vector>

namespace engine {

struct Options {
  std::string name = "so1";
  std::uint32_t cpus = 4;         // CPU 0 is the agency's
  std::uint64_t memory_mb = 512;  // of avz, agency and MEs
  std::uint64_t window_mb = 64;   // shared with the engine: bounds the size of an image
  std::uint32_t gic = 3;
  std::filesystem::path avz, agency;
  std::string bootargs;
  std::vector<std::uint32_t> devcaps;  // engine/devcaps.hpp
  std::string qemu = "qemu-system-aarch64";
  std::filesystem::path log_base;  // empty: default_log_folder()
  bool syslog = false;             // lines go to the host's syslog, not to files
  std::filesystem::path syslog_socket = "/dev/log";
  // Builds that count (preset target-coverage) print their counters: they go to files here, one stream for each domain.
  std::filesystem::path coverage_folder;
  // Once a stop is requested, QEMU is killed, and what waits for the smart object fails with `interrupted`.
  std::stop_token interrupt;
  // Deadlines are for what never answers; generous, as emulation on a busy host is slow.
  std::chrono::seconds boot_deadline{120};
  std::chrono::seconds call_deadline{120};
};

}  // namespace engine
