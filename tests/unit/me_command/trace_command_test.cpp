// me trace, over machines that record as they like.
#include <sys/stat.h>

#include "tests/unit/me_command/command.hpp"

namespace me {
namespace {

using TraceCommandTest = CommandTest;

// Each of the two answers only when the other one has been told to end as well.
TEST_F(TraceCommandTest, EndsAllOfThemAtOnce) {
  const auto meeting = folder_ / "meeting";
  ASSERT_EQ(::mkfifo(meeting.c_str(), 0600), 0);
  ASSERT_EQ(up("meet:" + meeting.string() + "<", "so1").code, 0);
  ASSERT_EQ(up("meet:" + meeting.string() + ">", "so2").code, 0);
  const auto traced = me({"trace", "so1", "so2", "--seconds", "0.01", "--out", folder_ / "trace.json", "--json"});
  EXPECT_EQ(traced.code, 0) << traced.err;
  EXPECT_EQ(json::parse(traced.out)["smart_objects"].size(), 2U) << traced.out;
}

}  // namespace
}  // namespace me
