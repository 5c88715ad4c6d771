// A child process that cannot outlive its parent.
#pragma once
#include <sys/types.h>

#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "engine/error.hpp"
#include "engine/host/file_descriptor.hpp"

namespace engine {

// A descriptor of the parent and the number under which the child finds it.
struct Inherit {
  int fd;
  int as;
};

// How a child has ended.
struct Exit {
  bool by_signal;
  int number;  // the signal, or the exit status
  // "ended with exit status 1", "was killed by signal 9 (Killed)"
  std::string text() const;
};

class Process {
 public:
  // Starts args[0], a path. The child gets /dev/null as input, `inherit`, and no other descriptor; it is in a
  // process group of its own, so that Ctrl-C reaches only the parent, and the kernel kills it when the thread
  // that called start() ends: call from a thread that lives as long as the child may.
  [[nodiscard]] static Result<Process> start(const std::vector<std::string>& args, std::span<const Inherit> inherit);

  Process(Process&&) noexcept = default;
  Process& operator=(Process&&) noexcept;
  ~Process();  // kills and reaps

  pid_t pid() const { return pid_; }
  int pidfd() const { return pidfd_.get(); }  // readable when the child has ended
  // Both reach its whole group: what it has started, too.
  void terminate();  // SIGTERM
  void kill();
  // Blocks until the child has ended.
  Exit reap();

 private:
  Process(pid_t pid, FileDescriptor pidfd) : pid_{pid}, pidfd_{std::move(pidfd)} {}

  pid_t pid_ = -1;
  FileDescriptor pidfd_;
};

// Output of a program that ends by itself, first `limit` bytes. For `qemu --version` and the like.
// After `patience` it is killed.
[[nodiscard]] Result<std::string> output_of(const std::vector<std::string>& args,
                                            std::chrono::seconds patience = std::chrono::seconds(60),
                                            std::size_t limit = 4096);

// Where the shell would find `program`; empty if nowhere.
[[nodiscard]] std::string find_program(const std::string& program);

}  // namespace engine
