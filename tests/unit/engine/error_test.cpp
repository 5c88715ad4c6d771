// What the agency answers, and the exit code that follows (docs/me-command.md).
#include "engine/error.hpp"

#include <gtest/gtest.h>

#include <map>

namespace engine {
namespace {

using abi::Status;

TEST(Errc, FollowsFromEachStatus) {
  const std::map<Status, Errc> table{{Status::not_supported, Errc::refused}, {Status::denied, Errc::wrong_state},
                                     {Status::bad_argument, Errc::refused},  {Status::bad_state, Errc::wrong_state},
                                     {Status::not_found, Errc::not_found},   {Status::no_memory, Errc::no_room},
                                     {Status::no_slot, Errc::no_room},       {Status::busy, Errc::wrong_state},
                                     {Status::too_big, Errc::refused},       {Status::no_answer, Errc::timed_out},
                                     {Status::peer_died, Errc::died}};
  for (const auto& [status, code] : table) EXPECT_EQ(errc_from(status), code) << abi::name(status);
  std::size_t statuses = 0;
  while (abi::name(static_cast<Status>(-1 - static_cast<int>(statuses))) != "unknown status") ++statuses;
  EXPECT_EQ(table.size(), statuses) << "each status has its code";
}

}  // namespace
}  // namespace engine
