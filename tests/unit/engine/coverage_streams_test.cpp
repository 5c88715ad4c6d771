#include "engine/machine/coverage_streams.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

namespace engine {
namespace {

namespace fs = std::filesystem;

TEST(CoverageStreams, TakeCountersAndLeaveTheRestToPeople) {
  const auto folder = fs::path(testing::TempDir()) / ("coverage-" + std::to_string(::getpid()));
  const CoverageStreams streams(folder, 7);
  EXPECT_TRUE(streams.take("[2] gcov:4602"));
  EXPECT_TRUE(streams.take("[2] gcov:ff"));
  EXPECT_TRUE(streams.take("[0] gcov:zz"));
  EXPECT_TRUE(streams.take("[avz] gcov:44"));
  for (const auto* line :
       {"", "[", "[2]", "[2] agency: ready", "[x] gcov:46", "[] gcov:46", "[2x] gcov:46", "[../2] gcov:46", "gcov:46"})
    EXPECT_FALSE(streams.take(line)) << line;
  const auto taken = [&](const char* file) {
    std::ifstream in(folder / file, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(in), {});
  };
  EXPECT_EQ(taken("7-2.stream"), "F\x02\xff");
  EXPECT_EQ(taken("7-avz.stream"), "D");
  EXPECT_FALSE(CoverageStreams({}, 7).take("[2] gcov:4602"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace engine
