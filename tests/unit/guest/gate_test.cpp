// Who may use a device, and when (design decision 9; M59, M62).
#include "so3/guest/vbus/gate.hpp"

#include <string>

#include "so3/kernel/scheduler.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

using vbus::Gate;

struct GateTest : World {
  Gate gate;
  std::string trace;
  // Enters, does what takes long, leaves.
  void user(char name) {
    Gate::Session session{gate};
    trace += session.open() ? name : '-';
  }
};

TEST_F(GateTest, NobodyGetsInBeforeItIsConnected) {
  user('a');
  EXPECT_EQ(trace, "-");
  gate.open();
  user('b');
  EXPECT_EQ(trace, "-b");
}

TEST_F(GateTest, WhoComesDuringASuspendWaits) {
  gate.open();
  gate.suspend();
  start("user", [&] { user('a'); });
  thread_yield();
  EXPECT_EQ(trace, "");
  gate.open();
  thread_yield();
  EXPECT_EQ(trace, "a");
}

TEST_F(GateTest, SuspendWaitsForWhoIsInside) {
  gate.open();
  start("user", [&] {
    Gate::Session session{gate};
    for (int i = 0; i < 3; ++i) {
      thread_yield();
      trace += 'u';
    }
  });
  thread_yield();
  gate.suspend();
  EXPECT_EQ(trace, "uuu");
}

TEST_F(GateTest, WhoWaitsInsideMakesRoomAndIsInAgainAfterwards) {
  gate.open();
  bool ready = false;
  start("user", [&] {
    Gate::Session session{gate};
    while (session.open() && !ready) {
      session.expect_signal();
      session.wait();
      trace += 'w';
    }
    trace += session.open() ? 'o' : 'x';
  });
  thread_yield();
  gate.suspend();  // would wait for ever if the user stayed
  thread_yield();
  EXPECT_EQ(trace, "");
  gate.open();
  thread_yield();
  EXPECT_EQ(trace, "w");
  ready = true;
  gate.signalled();
  thread_yield();
  EXPECT_EQ(trace, "wwo");
}

TEST_F(GateTest, WhenItIsShutNobodyWaitsAnyMore) {
  gate.open();
  gate.suspend();
  for (const char name : {'a', 'b'}) start("user", [this, name] { user(name); });
  thread_yield();
  gate.shut();
  thread_yield();
  user('c');
  EXPECT_EQ(trace, "---");
}

// Were they to wait, nothing would end it.
TEST_F(GateTest, TheThreadsThatResumeDevicesDoNotWait) {
  gate.open();
  gate.suspend();
  kernel::current_thread().resumes_devices = true;
  user('a');
  EXPECT_EQ(trace, "-");
  EXPECT_FALSE(gate.wait_until_resumed());
}

TEST_F(GateTest, SignalsThatNobodyExpectsAreForgotten) {
  gate.open();
  for (int i = 0; i < 3; ++i) gate.signalled();
  start("user", [&] {
    Gate::Session session{gate};
    session.expect_signal();
    session.wait();
    trace += 'w';
  });
  thread_yield();
  EXPECT_EQ(trace, "");
  gate.signalled();
  thread_yield();
  EXPECT_EQ(trace, "w");
}

}  // namespace
