// QEMU, started with our ends of its sockets in hand.
#pragma once
#include "engine/host/process.hpp"
#include "engine/options.hpp"
#include "engine/qemu.hpp"

namespace engine {

struct Launched {
  Process process;
  FileDescriptor control, console;  // sockets
  FileDescriptor errors;            // its standard output and standard error
};

// Call from the thread that the machine lives in: QEMU is killed when that thread ends.
[[nodiscard]] Result<Launched> launch(const Options& options, const Qemu& qemu, int window_fd);

}  // namespace engine
