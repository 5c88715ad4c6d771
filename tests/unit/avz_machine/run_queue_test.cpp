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
