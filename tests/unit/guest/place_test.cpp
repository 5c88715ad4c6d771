// What a port and a grant of another place are worth here: nothing, and nobody asks avz about them (M62).
#include "so3/guest/place.hpp"

#include "so3/guest/events.hpp"
#include "so3/guest/granted_page.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

using guest::EventChannel;
using guest::GrantedPage;

int signals = 0;
void note(void*) { ++signals; }

struct PlaceTest : World {
  PlaceTest() { signals = 0; }
  void arrive() {
    guest::arrive();
    next_port = abi::port_first_free;
    next_grant = 1;
  }
};

TEST_F(PlaceTest, OldPortsAreForgottenWithoutACall) {
  {
    auto old = EventChannel::offer(0, note, nullptr);
    ASSERT_TRUE(old);
    arrive();
    deliver(old->port());
    EXPECT_EQ(signals, 0);
  }
  EXPECT_EQ(avz.count(abi::Call::event_close), 0u);
}

// Two devices, whose new ports are each other's old ones.
TEST_F(PlaceTest, NumbersThatComeAgainAreNotConfused) {
  auto first = EventChannel::offer(0, note, nullptr), second = EventChannel::offer(0, note, nullptr);
  ASSERT_TRUE(first && second);
  arrive();
  auto again = EventChannel::offer(0, note, nullptr);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->port(), first->port());
  *second = std::move(*again);
  first->close();
  EXPECT_EQ(avz.count(abi::Call::event_close), 0u);
  deliver(second->port());
  EXPECT_EQ(signals, 1);
  second->close();
  EXPECT_EQ(avz.count(abi::Call::event_close), 1u);
}

TEST_F(PlaceTest, PortsOfEveryDomainStay) {
  ASSERT_TRUE(guest::events().set(abi::port_store, note, nullptr));
  arrive();
  deliver(abi::port_store);
  EXPECT_EQ(signals, 1);
  guest::events().clear(abi::port_store);
}

TEST_F(PlaceTest, OldGrantsAreForgottenWithoutACall) {
  auto page = GrantedPage::allocate(0, abi::GrantFlags::none);
  ASSERT_TRUE(page);
  arrive();
  ASSERT_TRUE(page->renew());
  EXPECT_EQ(avz.count(abi::Call::grant_end), 0u);
  EXPECT_TRUE(page->release());
  EXPECT_EQ(avz.count(abi::Call::grant_end), 1u);

  auto lost = GrantedPage::allocate(0, abi::GrantFlags::none);
  ASSERT_TRUE(lost);
  arrive();
  avz.answer(abi::Call::grant_end, abi::Status::busy);  // of whoever has that number here
  EXPECT_TRUE(lost->release());
  EXPECT_EQ(avz.count(abi::Call::grant_end), 1u);
}

TEST_F(PlaceTest, RenewalAtTheSamePlaceEndsTheOldGrant) {
  auto page = GrantedPage::allocate(0, abi::GrantFlags::none);
  ASSERT_TRUE(page);
  ASSERT_TRUE(page->renew());
  EXPECT_EQ(avz.count(abi::Call::grant_end), 1u);
  avz.answer(abi::Call::grant_end, abi::Status::busy);
  EXPECT_EQ(page->renew().error(), abi::Status::busy);
  avz.answer(abi::Call::grant_end, abi::Status::ok);
}

}  // namespace
