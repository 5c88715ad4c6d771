// E41, E42: lines through the real syslog-ng, run in a folder of the test's own with the configuration we ship.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>

#include "engine/host/process.hpp"
#include "engine/logs/log_sink.hpp"
#include "tests/wait_until.hpp"

namespace engine {
namespace {

namespace fs = std::filesystem;
using tests::wait_until;

std::string content(const fs::path& file) {
  std::ifstream in(file);
  return {std::istreambuf_iterator<char>(in), {}};
}

class SyslogTest : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(logs_);
    auto shipped = content(SYSLOG_CONF);
    constexpr std::string_view there = "/var/log/soo\"";
    const auto at = shipped.find(there);
    ASSERT_NE(at, shipped.npos);
    shipped.replace(at, there.size(), logs_.string() + '"');
    std::ofstream(folder_ / "soo.conf") << shipped;
    std::ofstream(folder_ / "syslog-ng.conf") << fmt::format(
        "@version: {}\nsource s_src {{ unix-dgram(\"{}\"); }};\n@include \"{}\"\n"
        "destination d_rest {{ file(\"{}\"); }};\nlog {{ source(s_src); destination(d_rest); }};\n",
        version(), socket_.string(), (folder_ / "soo.conf").string(), (folder_ / "rest").string());
    const auto file = [&](const char* name) { return (folder_ / name).string(); };
    auto started = Process::start({syslog_ng(), "-F", "--no-caps", "-f", file("syslog-ng.conf"), "-R", file("persist"),
                                   "-c", file("ctl"), "-p", file("pid")},
                                  {});
    ASSERT_TRUE(started) << started.error().message;
    daemon_.emplace(std::move(*started));
    ASSERT_TRUE(wait_until([&] { return open_syslog(socket_, "so1", logs_).has_value(); }));
  }
  void TearDown() override {
    daemon_.reset();
    fs::remove_all(folder_);
  }

  static std::string syslog_ng() {
    auto found = find_program("syslog-ng");
    return found.empty() ? "/usr/sbin/syslog-ng" : found;
  }
  // "3.38" from its --version.
  static std::string version() {
    const auto text = output_of({syslog_ng(), "--version"}).value_or("");
    const auto at = text.find("Config version: ");
    return at == text.npos ? "3.38" : text.substr(at + 16, text.find('\n', at) - at - 16);
  }
  void expect_file(const fs::path& file, const std::string& wanted) {
    (void)wait_until([&] { return content(file) == wanted; });
    EXPECT_EQ(content(file), wanted);
  }

  fs::path folder_ = fs::path(testing::TempDir()) / fmt::format("syslog-{}", ::getpid());
  fs::path logs_ = folder_ / "logs", socket_ = folder_ / "dev-log";
  std::optional<Process> daemon_;
};

TEST_F(SyslogTest, SortsLinesIntoOneFilePerMeAndSmartObject) {
  auto so1 = open_syslog(socket_, "so1", logs_), so2 = open_syslog(socket_, "kitchen", logs_);
  ASSERT_TRUE(so1 && so2);
  EXPECT_FALSE((*so1)->write(2, "[ME:2] one\n[ME:2] two: 2% of [x]\n").stopped);
  EXPECT_FALSE((*so1)->write(13, "[ME:13] other\n").stopped);
  EXPECT_FALSE((*so2)->write(2, "[ME:2] of the kitchen\n").stopped);
  EXPECT_FALSE((*so1)->write(2, "no prefix\n").stopped);
  expect_file(logs_ / "me_2.log", "[ME:2] one\n[ME:2] two: 2% of [x]\n");
  expect_file(logs_ / "me_13.log", "[ME:13] other\n");
  expect_file(logs_ / "kitchen/me_2.log", "[ME:2] of the kitchen\n");
  EXPECT_TRUE(wait_until([&] { return content(folder_ / "rest").find("no prefix") != std::string::npos; }));
  EXPECT_EQ(content(folder_ / "rest").find("[ME:"), std::string::npos) << "ME lines stay out of the general log";
}

TEST_F(SyslogTest, FilesBeginAnewWithTheSmartObject) {
  {
    auto first = open_syslog(socket_, "so1", logs_);
    ASSERT_TRUE(first);
    EXPECT_FALSE((*first)->write(2, "[ME:2] of yesterday\n").stopped);
    expect_file(logs_ / "me_2.log", "[ME:2] of yesterday\n");
  }
  auto second = open_syslog(socket_, "so1", logs_);
  ASSERT_TRUE(second);
  EXPECT_EQ(content(logs_ / "me_2.log"), "");
  EXPECT_FALSE((*second)->write(2, "[ME:2] of today\n").stopped);
  expect_file(logs_ / "me_2.log", "[ME:2] of today\n");
}

TEST_F(SyslogTest, AStoppedDaemonIsNamedAndNothingIsTaken) {
  auto so1 = open_syslog(socket_, "so1", logs_);
  ASSERT_TRUE(so1);
  daemon_.reset();
  const auto taken = (*so1)->write(2, "[ME:2] one\n");
  EXPECT_EQ(taken.bytes, 0U);
  ASSERT_TRUE(taken.stopped);
  EXPECT_EQ(taken.stopped->code, Errc::environment);
  EXPECT_FALSE(open_syslog(folder_ / "nobody", "so1", logs_)) << "nobody listens there";
}

}  // namespace
}  // namespace engine
