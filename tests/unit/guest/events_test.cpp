// Event channels: none lost (design decision 2; the counterpart of X9, X14 of the existing system).
#include "so3/guest/events.hpp"

#include <vector>

#include "tests/unit/guest/world.hpp"

namespace {

using guest::EventChannel;
using guest::EventTable;

std::vector<int> seen;
void note(void* what) { seen.push_back(static_cast<int>(reinterpret_cast<std::uintptr_t>(what))); }
void* number(std::uintptr_t n) { return reinterpret_cast<void*>(n); }

struct EventTest : World {
  EventTest() { seen.clear(); }
  EventTable table{[] { seen.push_back(-1); }};
  abi::SharedPage page{};

  void send(hypercall::Port port) {
    page.pending[port / 64] |= std::uint64_t{1} << port % 64;
    page.selector |= std::uint64_t{1} << port / 64;
  }
};

TEST_F(EventTest, CallsEachPendingHandlerOnce) {
  for (const hypercall::Port port : {8u, 63u, 64u, 127u, 4031u}) ASSERT_TRUE(table.set(port, note, number(port)));
  for (const hypercall::Port port : {4031u, 8u, 64u, 127u}) send(port);
  send(8);
  table.dispatch(page);
  EXPECT_EQ(seen, (std::vector{8, 64, 127, 4031}));
  table.dispatch(page);
  EXPECT_EQ(seen.size(), 4u);
}

TEST_F(EventTest, TimerIsNoPort) {
  page.selector = abi::selector_timer;
  table.dispatch(page);
  EXPECT_EQ(seen, std::vector{-1});
  EXPECT_EQ(page.selector, 0u);
}

// A signal that comes while its own handler runs is there for the next round: the sender finds the word empty and rings.
TEST_F(EventTest, SignalDuringItsHandlerIsNotLost) {
  static EventTest* self;
  self = this;
  static int calls;
  calls = 0;
  ASSERT_TRUE(table.set(
      9,
      [](void*) {
        if (++calls == 1) self->send(9);
      },
      nullptr));
  send(9);
  table.dispatch(page);
  EXPECT_EQ(page.selector, 1u);
  table.dispatch(page);
  EXPECT_EQ(calls, 2);
}

TEST_F(EventTest, AcknowledgesBeforeItLooks) {
  // What is signalled between the two is seen in the same round.
  struct Late final : hypercall::Hypervisor {
    explicit Late(EventTest& t) : test{t} {}
    hypercall::Answer call(abi::Call, const hypercall::Arguments&) override { return {}; }
    void acknowledge_interrupt() override { test.send(9); }
    EventTest& test;
  } late{*this};
  auto* const before = std::exchange(hypercall::hypervisor, &late);
  ASSERT_TRUE(table.set(9, note, number(9)));
  table.dispatch(page);
  hypercall::hypervisor = before;
  EXPECT_EQ(seen, std::vector{9});
}

TEST_F(EventTest, StraysAreCountedNotFollowed) {
  send(70);
  send(9);
  table.dispatch(page);
  EXPECT_EQ(table.strays(), 2u);
}

TEST_F(EventTest, RefusesWrongPortsAndSecondHandlers) {
  EXPECT_EQ(table.set(abi::port_none, note, nullptr).error(), abi::Status::bad_argument);
  EXPECT_EQ(table.set(abi::events_agency, note, nullptr).error(), abi::Status::bad_argument);
  ASSERT_TRUE(table.set(9, note, nullptr));
  EXPECT_EQ(table.set(9, note, nullptr).error(), abi::Status::bad_state);
  table.clear(9);
  EXPECT_TRUE(table.set(9, note, nullptr));
}

TEST_F(EventTest, ChannelClosesWithItsScope) {
  {
    auto channel = EventChannel::offer(0, note, number(1));
    ASSERT_TRUE(channel);
    const auto port = channel->port();
    deliver(port);
    EXPECT_EQ(seen, std::vector{1});
    const EventChannel moved = std::move(*channel);
    EXPECT_EQ(moved.port(), port);
    EXPECT_EQ(avz.count(abi::Call::event_close), 0u);
  }
  EXPECT_EQ(avz.count(abi::Call::event_close), 1u);
}

TEST_F(EventTest, ChannelThatAvzRefusesIsAnError) {
  avz.answer(abi::Call::event_alloc, abi::Status::no_memory);
  EXPECT_EQ(EventChannel::offer(0, note, nullptr).error(), abi::Status::no_memory);
}

}  // namespace
