#include <gtest/gtest.h>

#include "so3/avz/run_queue.hpp"

namespace {

using avz::Run;
using avz::RunQueue;
using avz::Vcpu;

TEST(RunQueue, RunsFirstComeFirstServed) {
  RunQueue queue;
  Vcpu a, b, c;
  EXPECT_TRUE(queue.start(a));
  EXPECT_TRUE(queue.start(b));
  EXPECT_TRUE(queue.start(c));
  EXPECT_EQ(queue.take(), &a);
  EXPECT_EQ(a.run, Run::running);
  queue.yield(a);
  EXPECT_EQ(queue.take(), &b);
  EXPECT_EQ(queue.take(), &c);
  EXPECT_EQ(queue.take(), &a);
  EXPECT_EQ(queue.take(), nullptr);
}

TEST(RunQueue, StartsOnlyWhatIsOff) {
  RunQueue queue;
  Vcpu a;
  EXPECT_TRUE(queue.start(a));
  EXPECT_FALSE(queue.start(a));
  EXPECT_EQ(queue.take(), &a);
  EXPECT_FALSE(queue.anyone_ready());
}

TEST(RunQueue, WakesOnlyWhatWaits) {
  RunQueue queue;
  Vcpu a;
  EXPECT_FALSE(queue.wake(a));
  EXPECT_TRUE(queue.start(a));
  EXPECT_FALSE(queue.wake(a));
  EXPECT_EQ(queue.take(), &a);
  EXPECT_FALSE(queue.wake(a));
  queue.wait(a);
  EXPECT_TRUE(queue.wake(a));
  EXPECT_EQ(queue.take(), &a);
}

TEST(RunQueue, HoldsFromTheMiddleOfTheQueue) {
  RunQueue queue;
  Vcpu a, b, c;
  for (auto* v : {&a, &b, &c}) EXPECT_TRUE(queue.start(*v));
  queue.hold(b);
  EXPECT_EQ(queue.take(), &a);
  EXPECT_EQ(queue.take(), &c);
  EXPECT_EQ(queue.take(), nullptr);
  EXPECT_TRUE(queue.unhold(b));
  EXPECT_EQ(queue.take(), &b);
}

TEST(RunQueue, HoldsAddUp) {
  RunQueue queue;
  Vcpu a;
  EXPECT_TRUE(queue.start(a));
  queue.hold(a);
  queue.hold(a);
  EXPECT_FALSE(queue.unhold(a));
  EXPECT_EQ(queue.take(), nullptr);
  EXPECT_TRUE(queue.unhold(a));
  EXPECT_FALSE(queue.unhold(a));
  EXPECT_EQ(queue.take(), &a);
}

TEST(RunQueue, AWakeWhileHeldIsNotLost) {
  RunQueue queue;
  Vcpu a;
  EXPECT_TRUE(queue.start(a));
  EXPECT_EQ(queue.take(), &a);
  queue.wait(a);
  queue.hold(a);
  EXPECT_FALSE(queue.wake(a));
  EXPECT_EQ(queue.take(), nullptr);
  EXPECT_TRUE(queue.unhold(a));
  EXPECT_EQ(queue.take(), &a);
}

TEST(RunQueue, WaitingStaysWaitingWhenNothingCame) {
  RunQueue queue;
  Vcpu a;
  EXPECT_TRUE(queue.start(a));
  EXPECT_EQ(queue.take(), &a);
  queue.wait(a);
  queue.hold(a);
  EXPECT_FALSE(queue.unhold(a));
  EXPECT_EQ(a.run, Run::waiting);
}

TEST(RunQueue, AKilledVcpuIsNeverChosen) {
  RunQueue queue;
  Vcpu a, b;
  EXPECT_TRUE(queue.start(a));
  EXPECT_TRUE(queue.start(b));
  queue.remove(b);  // the last one: the next to come must still be found
  Vcpu c;
  EXPECT_TRUE(queue.start(c));
  EXPECT_EQ(queue.take(), &a);
  EXPECT_EQ(queue.take(), &c);
  EXPECT_EQ(queue.take(), nullptr);
  EXPECT_FALSE(queue.wake(b));
}

// Being stopped: at a safe point at once, elsewhere when the vCPU parks.
class Stopping : public testing::Test {
 protected:
  struct Guest : Vcpu {
    Guest() {
      shared = &page;
      pstate = 0x5;  // EL1h, interrupts on
    }
    abi::SharedPage page{};
  };
  void run(Vcpu& v) {
    EXPECT_TRUE(queue.start(v));
    EXPECT_EQ(queue.take(), &v);
  }
  RunQueue queue;
  Guest a, b, c;
};

TEST_F(Stopping, AtASafePointItIsHeldAtOnce) {
  run(a);
  EXPECT_TRUE(queue.hold_or_ask(a, 7));
  EXPECT_FALSE(a.park_wanted);
  EXPECT_EQ(a.holds, 1);
  EXPECT_FALSE(queue.anyone_ready());
  EXPECT_TRUE(queue.hold_or_ask(a, 8)) << "and once more";
  EXPECT_EQ(a.holds, 2);
}

TEST_F(Stopping, WhoIsOffIsNotStopped) {
  EXPECT_FALSE(queue.hold_or_ask(a, 7));
  EXPECT_FALSE(a.park_wanted);
  EXPECT_EQ(a.holds, 0);
}

TEST_F(Stopping, InACriticalSectionOrWithInterruptsMaskedItIsAskedToPark) {
  run(a);
  for (const bool masked : {false, true}) {
    a.page.critical = !masked;
    a.pstate = masked ? 0x85 : 0x5;
    EXPECT_FALSE(queue.hold_or_ask(a, 7));
    EXPECT_FALSE(queue.hold_or_ask(a, 9));
    EXPECT_EQ(a.park_asked_at, 7u) << "its time begins with the first request";
    EXPECT_EQ(a.page.stop_requested, 1u);
    queue.park(a);
    EXPECT_EQ(a.page.stop_requested, 0u);
    EXPECT_EQ(queue.take(), nullptr);
    EXPECT_TRUE(queue.hold_or_ask(a, 10));
    EXPECT_EQ(a.holds, 1) << "its own hold is the one that was asked for";
    EXPECT_TRUE(queue.unhold(a));
    EXPECT_EQ(queue.take(), &a);
  }
}

TEST_F(Stopping, WaitingIsASafePointWithInterruptsMasked) {
  run(a);
  a.pstate = 0x3c5;
  queue.wait(a);
  EXPECT_TRUE(queue.hold_or_ask(a, 7));
}

// It is measured how long it takes to park: others on its CPU must not use that time up.
TEST_F(Stopping, WhoIsAskedIsNext) {
  for (auto* v : {&a, &b, &c}) EXPECT_TRUE(queue.start(*v));
  c.page.critical = 1;
  EXPECT_FALSE(queue.hold_or_ask(c, 7));
  EXPECT_EQ(queue.take(), &c);
  queue.yield(c);
  EXPECT_FALSE(queue.hold_or_ask(c, 8)) << "and again, each time it is asked";
  EXPECT_EQ(queue.take(), &c);
  queue.yield(c);
  EXPECT_EQ(queue.take(), &a);
  EXPECT_EQ(queue.take(), &b);
  EXPECT_EQ(queue.take(), &c);
  EXPECT_EQ(queue.take(), nullptr);
}

TEST_F(Stopping, WhoIsAskedAloneOrFirstStaysInTheQueue) {
  a.page.critical = 1;
  EXPECT_TRUE(queue.start(a));
  EXPECT_FALSE(queue.hold_or_ask(a, 7));
  EXPECT_TRUE(queue.start(b));
  EXPECT_FALSE(queue.hold_or_ask(a, 7));
  EXPECT_EQ(queue.take(), &a);
  EXPECT_EQ(queue.take(), &b);
  EXPECT_EQ(queue.take(), nullptr);
}

TEST_F(Stopping, AWithdrawnRequestHoldsNobody) {
  run(a);
  a.page.critical = 1;
  EXPECT_FALSE(queue.hold_or_ask(a, 7));
  EXPECT_FALSE(queue.withdraw(a)) << "it runs anyway";
  EXPECT_EQ(a.page.stop_requested, 0u);
  queue.park(a);
  EXPECT_EQ(a.run, Run::running);
  EXPECT_EQ(a.holds, 0);
}

TEST_F(Stopping, WhoHasParkedForAWithdrawnRequestGoesOn) {
  run(a);
  a.page.critical = 1;
  EXPECT_FALSE(queue.hold_or_ask(a, 7));
  queue.park(a);
  EXPECT_EQ(queue.take(), nullptr);
  EXPECT_TRUE(queue.withdraw(a));
  EXPECT_EQ(queue.take(), &a);
  EXPECT_FALSE(queue.withdraw(a)) << "once";
}

TEST_F(Stopping, WithdrawingLeavesTheHoldsOfOthers) {
  run(a);
  EXPECT_TRUE(queue.hold_or_ask(a, 7));
  EXPECT_FALSE(queue.withdraw(a));
  EXPECT_EQ(a.holds, 1);
}

TEST(RunQueue, AnExclusiveVcpuIsAlone) {
  RunQueue queue;
  Vcpu a, b;
  EXPECT_TRUE(queue.add_member(a, true));
  EXPECT_FALSE(queue.add_member(b, false));
  queue.remove_member(a);
  EXPECT_TRUE(queue.add_member(b, false));
  EXPECT_FALSE(queue.add_member(a, true));
  EXPECT_TRUE(queue.add_member(a, false));
  EXPECT_EQ(queue.members(), 2u);
}

}  // namespace
