// Events of a smart object, and listeners that do not listen.
#include "engine/subscription.hpp"

#include <gtest/gtest.h>

namespace engine {
namespace {

using Clock = Subscription::Clock;

std::optional<Event> next(Subscription& listener) { return listener.next(Clock::now()); }

// The largest of them, as an agency may send them: no number of events is a bound by itself.
TEST(Subscription, WhoDoesNotListenCostsBoundedMemory) {
  Publisher publisher;
  const auto listener = publisher.subscribe();
  constexpr std::size_t count = 1000;
  const std::string text(64 * 1024, 'x');
  for (std::uint32_t i = 0; i < count; ++i) publisher.publish(LogLines{i, text});
  auto event = next(*listener);
  ASSERT_TRUE(event && std::holds_alternative<Notice>(*event));
  std::size_t kept = 0, bytes = 0;
  for (auto last = next(*listener); last; last = next(*listener), ++kept) {
    const auto& log = std::get<LogLines>(*last);
    bytes += log.text.size();
    event = std::move(last);
  }
  EXPECT_LE(bytes, Subscription::bytes_max);
  EXPECT_GE(bytes, Subscription::bytes_max / 2);
  EXPECT_EQ(std::get<LogLines>(*event).slot, count - 1) << "the oldest go";
  for (std::uint32_t i = 0; i < kept + 10; ++i) publisher.publish(LogLines{i, text});
  const auto notice = next(*listener);
  ASSERT_TRUE(notice && std::holds_alternative<Notice>(*notice)) << "what was taken makes room, and no more";
  EXPECT_EQ(std::get<Notice>(*notice).text, "10 events lost: nobody took them");
}

TEST(Subscription, SmallEventsAreBoundedToo) {
  Publisher publisher;
  const auto listener = publisher.subscribe();
  constexpr auto fits = Subscription::bytes_max / sizeof(Event);
  for (std::size_t i = 0; i < fits + 7; ++i) publisher.publish(StateChanged{});
  const auto notice = next(*listener);
  ASSERT_TRUE(notice && std::holds_alternative<Notice>(*notice));
  EXPECT_EQ(std::get<Notice>(*notice).text, "7 events lost: nobody took them");
}

// Log lines push nothing out of the queue of who did not ask for them.
TEST(Subscription, HearsOnlyWhatItAskedFor) {
  Publisher publisher;
  const auto listener = publisher.subscribe(kinds_of<StateChanged, Ended>());
  publisher.publish(StateChanged{2, abi::State::dead, abi::State::booting, abi::CrashReason::none});
  for (int i = 0; i < 100; ++i) publisher.publish(LogLines{2, std::string(64 * 1024, 'x')});
  publisher.publish(Ended{true, {Errc::not_up, "over", {}}});
  auto event = next(*listener);
  ASSERT_TRUE(event && std::holds_alternative<StateChanged>(*event));
  event = next(*listener);
  ASSERT_TRUE(event && std::holds_alternative<Ended>(*event));
  EXPECT_FALSE(next(*listener));
}

}  // namespace
}  // namespace engine
