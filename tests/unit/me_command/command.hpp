// Running `me` as a user does, in a folder of the test's own.
#pragma once
#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/wait_until.hpp"

namespace me {

namespace fs = std::filesystem;
using nlohmann::json;
using tests::is_over;
using tests::wait_until;

using Names = std::vector<std::string>;

struct Outcome {
  int code;
  std::string out, err;
};

inline std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Waits for the end of a process that need not be a child.
inline bool has_ended(pid_t pid) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return true;
  pollfd ended{fd, POLLIN, 0};
  const bool in_time = ::poll(&ended, 1, std::chrono::milliseconds(tests::patience).count()) == 1;
  ::close(fd);
  return in_time;
}

// Of what this process and its children have started, also of those that have ended: they become its own children.
inline void adopt_orphans() { ::prctl(PR_SET_CHILD_SUBREAPER, 1); }
inline bool no_child_lives() {
  pid_t ended;
  while ((ended = ::waitpid(-1, nullptr, WNOHANG)) > 0) {
  }
  return ended < 0;
}

// Until it takes interrupts into its own hands, nobody could notice that it has been started.
inline bool holds_interrupts(pid_t pid) {
  const auto status = content(fmt::format("/proc/{}/status", pid));
  const auto at = status.find("SigBlk:");
  return at != status.npos && (std::stoull(status.substr(at + 7), nullptr, 16) >> (SIGINT - 1) & 1) != 0;
}

class CommandTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) / fmt::format("me-{}", ::getpid());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    ::setenv("ME_RUNTIME_DIR", (folder_ / "run").c_str(), 1);
  }
  void TearDown() override {
    for (const auto* name : {"so1", "so2", "so3"})
      if (fs::exists(run_file(name, ".sock"))) (void)me({"down", name});
    fs::remove_all(folder_);
  }

  fs::path run_file(const std::string& name, const char* extension) const {
    return folder_ / "run" / (name + extension);
  }

  pid_t begin(std::vector<std::string> args) {
    args.insert(args.begin(), ME);
    std::vector<char*> argv;
    for (auto& a : args) argv.push_back(a.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    constexpr int flags = O_WRONLY | O_CREAT | O_TRUNC;
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, (folder_ / "out").c_str(), flags, 0600);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (folder_ / "err").c_str(), flags, 0600);
    pid_t pid = -1;
    EXPECT_EQ(::posix_spawn(&pid, ME, &actions, nullptr, argv.data(), environ), 0);
    ::posix_spawn_file_actions_destroy(&actions);
    return pid;
  }

  Outcome end(pid_t pid) {
    int status = 0;
    if (!has_ended(pid)) {
      ADD_FAILURE() << "it does not end";
      ::kill(pid, SIGKILL);
    }
    ::waitpid(pid, &status, 0);
    return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), content(folder_ / "out"),
            content(folder_ / "err")};
  }

  Outcome me(std::vector<std::string> args) { return end(begin(std::move(args))); }

  // With the fake machine behaving as `mode` says.
  std::vector<std::string> up_args(const std::string& mode = {}, const std::string& name = "so1") {
    std::vector<std::string> args = {"up",      name,       "--qemu",  FAKE_QEMU,   "--avz",
                                     FAKE_QEMU, "--agency", FAKE_QEMU, "--log-dir", (folder_ / "log").string()};
    if (!mode.empty()) args.push_back("--bootargs=" + mode);
    return args;
  }
  Outcome up(const std::string& mode = {}, const std::string& name = "so1") { return me(up_args(mode, name)); }

  json facts(const std::string& name = "so1") { return json::parse(content(run_file(name, ".json")), nullptr, false); }
  // As after a loss of power; returns when its supervisor has cleaned up.
  void die(const std::string& name) {
    const pid_t supervisor = facts(name).value("pid", 0);
    ::kill(facts(name).value("qemu_pid", 0), SIGKILL);
    EXPECT_TRUE(has_ended(supervisor));
  }
  std::vector<std::string> neighbours_of(const std::string& name) {
    std::vector<std::string> names;
    for (const auto& neighbour : json::parse(me({"links", "--on", name, "--json"}).out, nullptr, false))
      names.push_back(neighbour.value("name", ""));
    return names;
  }
  bool nothing_is_left() const {
    std::error_code error;
    return !fs::exists(folder_ / "run", error);
  }

  fs::path folder_;
};

}  // namespace me
