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
  for (const auto* line : {"", "[", "[2]", "[2] agency: ready", "[x] gcov:46", "gcov:46"})
    EXPECT_FALSE(streams.take(line)) << line;
  std::ifstream in(folder / "7-2.stream", std::ios::binary);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "F\x02\xff");
  EXPECT_FALSE(CoverageStreams({}, 7).take("[2] gcov:4602"));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace engine
