// Log lines on their way to a disk that may be full (E38 to E42).
#include "engine/logs/log_writer.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>

#include "engine/logs/lines.hpp"
#include "tests/wait_until.hpp"

namespace engine {
namespace {

// Takes what `room` allows, then reports a full disk.
class Disk : public LogSink {
 public:
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t room = 0;
    std::string written;
  };
  explicit Disk(State& state) : state_{state} {}

  Taken write(std::uint32_t, std::string_view text) override {
    const std::lock_guard lock(state_.mutex);
    const auto n = std::min(text.size(), state_.room);
    state_.room -= n;
    state_.written += text.substr(0, n);
    state_.changed.notify_all();
    if (n < text.size()) return {n, Error{Errc::no_room, "the disk is full", "free some"}};
    return {n, std::nullopt};
  }

 private:
  State& state_;
};

class LogWriterTest : public testing::Test {
 protected:
  std::unique_ptr<LogWriter> writer() {
    return std::make_unique<LogWriter>(std::make_unique<Disk>(disk_),
                                       LogWriter::Hooks{.taken = [this](auto n) { taken_ += n; },
                                                        .notice =
                                                            [this](auto text) {
                                                              const std::lock_guard lock(disk_.mutex);
                                                              notices_.push_back(std::move(text));
                                                            }});
  }
  void make_room(std::size_t bytes) {
    const std::lock_guard lock(disk_.mutex);
    disk_.room += bytes;
  }
  void wait_for(std::string_view written) {
    std::unique_lock lock(disk_.mutex);
    EXPECT_TRUE(disk_.changed.wait_for(lock, tests::patience, [&] { return disk_.written == written; }))
        << "written: " << disk_.written.size() << " bytes";
  }

  Disk::State disk_;
  std::atomic<std::uint64_t> taken_ = 0;
  std::vector<std::string> notices_;
};

TEST_F(LogWriterTest, GivesCreditBackForWhatIsWritten) {
  make_room(100);
  auto logs = writer();
  logs->push(2, "[ME:2] a\n");
  logs->push(3, "[ME:3] b\n");
  logs->flush();
  EXPECT_EQ(disk_.written, "[ME:2] a\n[ME:3] b\n");
  logs.reset();
  EXPECT_EQ(taken_, 18U);
}

TEST_F(LogWriterTest, AFullDiskMakesTheWriterWaitAndLosesNothing) {
  make_room(4);
  auto logs = writer();
  logs->push(2, "[ME:2] first\n");
  logs->push(2, "[ME:2] second\n");
  logs->flush();
  EXPECT_EQ(taken_, 0U) << "no credit for what is not written";
  EXPECT_EQ(logs->trouble(), "the disk is full; free some");
  make_room(1000);
  wait_for("[ME:2] first\n[ME:2] second\n");
  logs->flush();
  EXPECT_EQ(logs->trouble(), "");
  logs.reset();
  EXPECT_EQ(taken_, 27U);
  EXPECT_EQ(notices_, (std::vector<std::string>{"the disk is full; free some", "log lines are being written again"}));
}

TEST_F(LogWriterTest, CountsWhatComesBeyondTheCredit) {
  auto logs = writer();
  const std::string half(LogWriter::credit / 2 - 1, 'x');
  for (int i = 0; i < 5; ++i) logs->push(2, half + '\n');
  logs->flush();
  make_room(10 * LogWriter::credit);
  const auto kept = half + '\n' + half + '\n';
  wait_for(kept + "[ME:2] 3 lines lost\n");
}

// An ME that logs without a pause: there is always a next line while one is written.
TEST_F(LogWriterTest, FlushDoesNotWaitForWhatComesLater) {
  struct Endless : LogSink {
    Taken write(std::uint32_t, std::string_view text) override {
      if (go_on) logs->push(2, "[ME:2] and on\n");
      ++lines;
      return {text.size(), std::nullopt};
    }
    LogWriter* logs = nullptr;
    std::atomic<bool> go_on = true;
    std::atomic<std::uint64_t> lines = 0;
  };
  auto sink = std::make_unique<Endless>();
  auto& endless = *sink;
  LogWriter logs(std::move(sink), {});
  endless.logs = &logs;
  logs.push(2, "[ME:2] first\n");
  logs.push(2, "[ME:2] second\n");
  auto flushed = std::async(std::launch::async, [&] {
    logs.flush();
    return endless.lines.load();
  });
  EXPECT_EQ(flushed.wait_for(std::chrono::seconds(60)), std::future_status::ready);
  endless.go_on = false;
  EXPECT_GE(flushed.get(), 2U);
}

TEST_F(LogWriterTest, SaysWhatTheEndLost) {
  auto logs = writer();
  logs->push(2, "[ME:2] a\n[ME:2] b\n");
  logs->flush();
  logs.reset();
  ASSERT_EQ(notices_.size(), 2U);
  EXPECT_EQ(notices_.back(), "2 log lines lost: the smart object ended before they could be written");
}

TEST(LogLines, WithoutPrefixAndEnd) {
  EXPECT_EQ(lines_of({2, "[ME:2] a\n[ME:2] \n[ME:3] b\n[ME:2]c\n"}),
            (std::vector<std::string>{"a", "", "[ME:3] b", "[ME:2]c"}));
  EXPECT_TRUE(lines_of({2, ""}).empty());
}

}  // namespace
}  // namespace engine
