#include "so3/guest/domcall.hpp"

#include "so3/kernel/include/so3/domcall.h"
#include "so3/kernel/scheduler.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

guest::CurrentDomcall during{};
int calls = 0;

struct DomcallTest : World {
  DomcallTest() {
    calls = 0;
    guest::set_domcall_handler([](abi::Domcall, const hypercall::Payload& words) {
      ++calls;
      during = guest::current_domcall();
      return guest::DomcallAnswer{.value = static_cast<std::int32_t>(words[1]), .words = {words[2]}};
    });
  }
  ~DomcallTest() override { guest::set_domcall_handler(nullptr); }
};

TEST_F(DomcallTest, NullReturnsAtOnce) {
  EXPECT_EQ(guest::run_domcall(255, {}).value, 0);
  EXPECT_EQ(calls, 0);
}

TEST_F(DomcallTest, ArgumentsAndResultsPass) {
  const auto answer = guest::run_domcall(2, {0, 5, 6});
  EXPECT_EQ(answer.value, 5);
  EXPECT_EQ(answer.words[0], 6u);
  EXPECT_EQ(during.number, abi::Domcall::pre_activate);
  EXPECT_FALSE(during.cooperation_target);
}

TEST_F(DomcallTest, TargetOfACooperationIsKnown) {
  guest::run_domcall(3, {static_cast<std::uint64_t>(abi::Role::target)});
  EXPECT_TRUE(during.cooperation_target);
  guest::run_domcall(3, {static_cast<std::uint64_t>(abi::Role::initiator)});
  EXPECT_FALSE(during.cooperation_target);
}

TEST_F(DomcallTest, UnknownNumbersAreRefused) {
  for (const std::uint64_t number : {0ull, 4ull, 9ull, 11ull, ~0ull, 0x1'0000'0002ull})
    EXPECT_NE(guest::run_domcall(number, {}).value, 0) << number;
  EXPECT_EQ(calls, 0);
}

TEST_F(DomcallTest, WithoutAHandlerEverythingIsRefused) {
  guest::set_domcall_handler(nullptr);
  EXPECT_NE(guest::run_domcall(2, {}).value, 0);
}

}  // namespace
