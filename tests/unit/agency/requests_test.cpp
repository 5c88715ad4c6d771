#include "agency_fixture.hpp"

namespace agency {
namespace {

using abi::Status;
using abi::link::Type;

TEST_F(AgencyTest, ReadyComesFirst) {
  agency.link().closed();
  agency.link().open();
  const auto all = frames();
  ASSERT_EQ(all.size(), 1u);
  ASSERT_EQ(all[0].type, Type::ready);
  const auto ready = all[0].as<abi::link::Ready>();
  EXPECT_EQ(ready.cpus, 4u);
  EXPECT_EQ(ready.window_size, window_bytes);
  EXPECT_EQ(ready.memory_free, avz.free_bytes);
}

TEST_F(AgencyTest, HelloOfAnotherReleaseIsRefused) {
  ask(Type::hello, 3, raw(abi::link::Hello{0x20000, 0, 1, "so1", 1, {}, 7}));
  EXPECT_EQ(reply(3)->status, Status::not_supported);
  ask(Type::hello, 4, raw(abi::link::Hello{0x10000, 0, 0, "so1", 1, {}, 7}));
  EXPECT_EQ(reply(4)->status, Status::bad_argument);
  ask(Type::hello, 5, raw(abi::link::Hello{0x10000, 0, 1, "so1", 1, {}, 7}));
  EXPECT_EQ(reply(5)->status, Status::ok);
}

TEST_F(AgencyTest, ListsMes) {
  inject();
  inject();
  ask(Type::list, 3);
  const auto r = reply(3);
  ASSERT_EQ(r->text.size(), 2 * sizeof(abi::link::Me));
  abi::link::Me me;
  std::memcpy(&me, r->text.data() + sizeof me, sizeof me);
  EXPECT_EQ(me.slot, 3u);
  EXPECT_STREQ(me.name, "SOO.refso3");
  EXPECT_EQ(static_cast<abi::State>(me.state), abi::State::living);
}

TEST_F(AgencyTest, ReadsTheStore) {
  ASSERT_TRUE(agency.store().write(2, *StorePath::parse("soo/me/2/name"), "SOO.x"));
  ask(Type::store_read, 3, "soo/me/2/name");
  EXPECT_EQ(reply(3)->text, "SOO.x");
  ask(Type::store_list, 4, "");
  EXPECT_EQ(reply(4)->text, std::string("backend\0device\0soo\0", 19));
  ask(Type::store_read, 5, "soo/me/7/name");
  EXPECT_EQ(reply(5)->status, Status::not_found);
  ask(Type::store_read, 6, "/soo");
  EXPECT_EQ(reply(6)->status, Status::bad_argument);
}

TEST_F(AgencyTest, UnknownRequestIsAnswered) {
  ask(static_cast<Type>(40), 3, "whatever");
  EXPECT_EQ(reply(3)->status, Status::not_supported);
}

TEST_F(AgencyTest, BrokenFrameEndsTheConnectionOnly) {
  ask(Type::kill, 3, "short");
  EXPECT_TRUE(port.closed);
  EXPECT_NE(console_text.find("length does not fit its type"), std::string::npos);
  agency.link().open();
  EXPECT_EQ(frames().at(0).type, Type::ready);
  inject();
}

// An answer of an old connection does not reach the next one.
TEST_F(AgencyTest, AnswersGoToWhoAsked) {
  avz.on_start = [](std::uint32_t) {};
  request_injection(5);
  agency.link().closed();
  agency.link().open();
  pass(11'000 * ms);
  EXPECT_FALSE(reply(5));
}

TEST_F(AgencyTest, PowerOffAnswersThenEnds) {
  inject();
  try {
    ask(Type::power_off, 3);
    FAIL() << "the machine is still on";
  } catch (int) {
  }
  EXPECT_EQ(avz.off, 0u);
  EXPECT_EQ(reply(3)->status, Status::ok);
  EXPECT_NE(console_text.find("power off ends ME 2 (SOO.refso3) in ME_state_living"), std::string::npos);
}

}  // namespace
}  // namespace agency
