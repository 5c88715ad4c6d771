// Lines from an author's call to what the backend reads (E35, E36, E40).
#include "frontends/vlogs/log.hpp"

#include <vlogs/vlogs.h>
#include <vlogs/vlogs.hpp>

#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "so3/abi/lifecycle.hpp"
#include "so3/arch/context.hpp"
#include "so3/kernel/scheduler.hpp"
#include "so3/kernel/shared.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

using Text = std::vector<std::string>;

// The log is the ME's one and only: each test leaves it empty and closed.
struct LogTest : World {
  LogTest() {
    writer.reset();
    ring->indices.reader_waiting = 1;
    set_state(abi::State::preparing);
    start("flusher", [this] {
      while (!ending) log.flush_next();
    });
  }
  ~LogTest() override {
    set_state(abi::State::living);
    log.gate().shut();
    log.detach();
    vlogs::log("");  // brings what is left to the console
    ending = true;
    log.opened();
    thread_yield();
  }
  void set_state(abi::State state) { kernel::shared().state = static_cast<std::uint32_t>(state); }
  void connect() {
    log.attach(writer, [](void* self) { ++static_cast<LogTest*>(self)->signals; }, this);
    open();
  }
  void open() {
    log.gate().open();
    log.opened();
    thread_yield();
  }
  // As the backend.
  Text read() {
    Text lines;
    while (reader.available() >= sizeof(vlogs::Record)) {
      vlogs::Record record;
      reader.read({reinterpret_cast<std::uint8_t*>(&record), sizeof record});
      std::string text(record.length, '\0');
      reader.read({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
      lines.push_back(text);
    }
    if (reader.release()) log.gate().signalled();
    ring->indices.reader_waiting = 1;
    return lines;
  }
  std::unique_ptr<vlogs::Ring> ring = std::make_unique<vlogs::Ring>();
  vlogs::RecordWriter writer{*ring};
  abi::ByteRingReader<vlogs::ring_bytes> reader{*ring};
  vlogs::Log& log = vlogs::log_of_this_me();
  int signals = 0;
  bool ending = false;
};

TEST_F(LogTest, E40_EachLineHasThePrefixOnce) {
  connect();
  EXPECT_TRUE(vlogs_ready());
  logs("hello %d", 7);
  logs("two\nlines\n");
  vlogs::log("%d stays as it is");
  EXPECT_EQ(read(), (Text{"[ME:2] hello 7", "[ME:2] two", "[ME:2] lines", "[ME:2] %d stays as it is"}));
  EXPECT_GT(signals, 0);
}

TEST_F(LogTest, LongMessagesAreSplitNotCut) {
  connect();
  const std::string message(1500, 'x');
  logs("%s", message.c_str());
  std::string all;
  for (const auto& line : read()) all += line.substr(7);
  EXPECT_EQ(all, message);
}

TEST_F(LogTest, LinesBeforeTheConnectionFollowInOrder) {
  logs("early");
  EXPECT_FALSE(vlogs_ready());
  connect();
  logs("late");
  EXPECT_EQ(read(), (Text{"[ME:2] early", "[ME:2] late"}));
}

TEST_F(LogTest, WhatNobodyCouldKeepIsCounted) {
  const std::string line(900, 'x');
  for (int i = 0; i < 5; ++i) logs("%s", line.c_str());
  connect();
  logs("after");
  const auto lines = read();
  ASSERT_EQ(lines.size(), 4u);
  EXPECT_EQ(lines[2], "[ME:2] 3 lines lost");
  EXPECT_EQ(lines[3], "[ME:2] after");
}

TEST_F(LogTest, SlowReaderMakesTheWriterWait) {
  connect();
  int written = 0;
  start("writer", [&] {
    for (; written < 100; ++written) logs("line %d %s", written, std::string(80, 'x').c_str());
  });
  thread_yield();
  EXPECT_LT(written, 100);
  Text all;
  while (written < 100 || reader.available() != 0) {
    const auto lines = read();
    all.insert(all.end(), lines.begin(), lines.end());
    thread_yield();
  }
  ASSERT_EQ(all.size(), 100u);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_TRUE(all[i].starts_with("[ME:2] line " + std::to_string(i) + " ")) << all[i];
}

TEST_F(LogTest, InterruptContextNeverWaits) {
  connect();
  arch::irq_disable();
  for (int i = 0; i < 60; ++i) logs("irq %d %s", i, std::string(80, 'x').c_str());
  arch::irq_enable();
  Text all;
  for (int i = 0; i < 10; ++i) {
    thread_yield();
    const auto lines = read();
    all.insert(all.end(), lines.begin(), lines.end());
  }
  ASSERT_GT(all.size(), 15u);
  EXPECT_TRUE(all.front().starts_with("[ME:2] irq 0 "));
  EXPECT_TRUE(all.back().ends_with(" lines lost"));
}

TEST_F(LogTest, ManyThreadsAtOnceLoseNothing) {
  connect();
  int done = 0;
  for (int t = 0; t < 6; ++t)
    start("writer", [&done, t] {
      for (int i = 0; i < 30; ++i) logs("thread %d line %d", t, i);
      ++done;
    });
  std::vector<int> next(6, 0);
  while (done < 6 || reader.available() != 0) {
    thread_yield();
    for (const auto& line : read()) {
      int t = -1, i = -1;
      ASSERT_EQ(std::sscanf(line.c_str(), "[ME:2] thread %d line %d", &t, &i), 2) << line;
      EXPECT_EQ(i, next[static_cast<std::size_t>(t)]++);
    }
  }
  EXPECT_EQ(next, std::vector<int>(6, 30));
}

TEST_F(LogTest, QuietWhileSuspended) {
  connect();
  log.gate().suspend();
  logs("meanwhile");
  EXPECT_EQ(read(), Text{});
  open();
  EXPECT_EQ(read(), Text{"[ME:2] meanwhile"});
}

// E40, M59: a thread in logs() at the suspend waits when there is no more room, and goes on; all lines come, once, in order.
TEST_F(LogTest, M59_NothingIsLostOrDoubledAcrossSuspends) {
  connect();
  constexpr int lines = 200;
  int written = 0;
  start("writer", [&] {
    for (; written < lines; ++written) logs("line %d %s", written, std::string(70, 'x').c_str());
  });
  Text all;
  for (int round = 0; written < lines || reader.available() != 0; ++round) {
    thread_yield();
    if (round % 3 == 1) {
      log.gate().suspend();  // with the writer anywhere: before, in a full ring, aside
      for (int i = 0; i < 4; ++i) thread_yield();
      const int stuck = written;
      thread_yield();
      EXPECT_TRUE(written == stuck || written == lines);
      const auto left = read();  // what the agency takes over before it says Suspended
      all.insert(all.end(), left.begin(), left.end());
      open();
    }
    const auto lines_now = read();
    all.insert(all.end(), lines_now.begin(), lines_now.end());
  }
  thread_yield();
  const auto rest = read();
  all.insert(all.end(), rest.begin(), rest.end());
  ASSERT_EQ(all.size(), std::size_t{lines});
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_TRUE(all[i].starts_with("[ME:2] line " + std::to_string(i) + " ")) << all[i];
}

// M62: another smart object, another ring, another prefix.
TEST_F(LogTest, M62_LinesOfTheWayComeOutAtTheNewPlace) {
  connect();
  logs("at the old place");
  log.gate().suspend();
  EXPECT_EQ(read(), Text{"[ME:2] at the old place"});
  logs("on the way");
  bool done = false;
  start("waits", [&] {
    for (int i = 0; i < 40; ++i) logs("%d %s", i, std::string(90, 'x').c_str());
    done = true;
  });
  thread_yield();
  EXPECT_FALSE(done);
  kernel::shared().slot = 9;
  *ring = {};
  ring->indices.reader_waiting = 1;
  reader = abi::ByteRingReader<vlogs::ring_bytes>{*ring};
  writer.reset();
  ring->indices.reader_waiting = 1;
  connect();
  Text all;
  while (!done || reader.available() != 0) {
    const auto lines = read();
    all.insert(all.end(), lines.begin(), lines.end());
    thread_yield();
  }
  ASSERT_EQ(all.size(), 41u);
  EXPECT_EQ(all[0], "[ME:9] on the way");
  for (int i = 0; i < 40; ++i)
    EXPECT_TRUE(all[static_cast<std::size_t>(i) + 1].starts_with("[ME:9] " + std::to_string(i) + " "));
}

// cb_pre_resume may log: it must not wait for what comes after it.
TEST_F(LogTest, WhoResumesTheDeviceDoesNotWaitForIt) {
  connect();
  log.gate().suspend();
  kernel::current_thread().resumes_devices = true;
  for (int i = 0; i < 40; ++i) logs("%d %s", i, std::string(90, 'x').c_str());
  kernel::current_thread().resumes_devices = false;
  open();
  Text all;
  for (int i = 0; i < 5; ++i) {
    const auto lines = read();
    all.insert(all.end(), lines.begin(), lines.end());
    thread_yield();
  }
  EXPECT_TRUE(all.back().ends_with(" lines lost"));
}

TEST_F(LogTest, BrokenBackendSendsLinesToTheConsole) {
  set_state(abi::State::living);
  connect();
  ring->indices.consumed = 0x4000'0000;
  logs("still heard");
  EXPECT_NE(console().find("index that cannot be"), std::string::npos);
  logs("and this");
  EXPECT_NE(console().find("still heard\nand this\n"), std::string::npos);
}

TEST_F(LogTest, WithoutADeviceTheConsoleHasThem) {
  logs("early");
  EXPECT_EQ(console(), "");
  set_state(abi::State::living);
  logs("now");
  EXPECT_EQ(console(), "early\nnow\n");
}

TEST_F(LogTest, LastWordsAreHeard) {
  logs("why I do not want to live here");
  log.last_words();
  EXPECT_EQ(console(), "why I do not want to live here\n");
}

}  // namespace
