// A guest's stream of counters may be anything: nothing is written but .gcda files of the build.
#include "tools/me/verbs/coverage.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace me {
namespace {

namespace fs = std::filesystem;

class StreamTest : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(folder_ / "build"); }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string record(char kind, std::string_view data, std::size_t size) {
    std::string r(1, kind);
    for (int i = 0; i < 4; ++i) r += static_cast<char>(size >> 8 * i & 0xff);
    return r.append(data);
  }
  static std::string record(char kind, std::string_view data) { return record(kind, data, data.size()); }
  engine::Result<> unpack(const std::string& bytes) {
    std::ofstream(folder_ / "a.stream", std::ios::binary) << bytes;
    return unpack_stream(folder_ / "a.stream", folder_ / "build", folder_ / "into");
  }

  fs::path folder_ = fs::path(testing::TempDir()) / ("stream-" + std::to_string(::getpid()));
};

TEST_F(StreamTest, WritesEachFileInItsPlace) {
  ASSERT_TRUE(unpack(record('F', (folder_ / "build/b/a.gcda").string()) + record('D', "coun") + record('D', "ters")));
  std::ifstream in(folder_ / "into/b/a.gcda");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), "counters");
}

TEST_F(StreamTest, RefusesEverythingElse) {
  const auto good = record('F', (folder_ / "build/a.gcda").string());
  EXPECT_TRUE(unpack(""));
  EXPECT_FALSE(unpack(record('D', "x")));
  EXPECT_FALSE(unpack(record('X', "x")));
  EXPECT_FALSE(unpack(record('F', (folder_ / "elsewhere.gcda").string())));
  EXPECT_FALSE(unpack(record('F', (folder_ / "build/../elsewhere.gcda").string())));
  EXPECT_FALSE(unpack(record('F', (folder_ / "build/a.txt").string())));
  EXPECT_FALSE(unpack(good + record('D', "x", 2)));
  EXPECT_FALSE(unpack(good + record('D', "x", 0x7fffffff)));
  EXPECT_FALSE(unpack(good + "D\1"));
}

TEST_F(StreamTest, WhatWasReachedIsAddedUpByFolder) {
  std::ofstream(folder_ / "a.info")
      << "TN:\nSF:/r/so3/avz/a.cpp\nDA:1,1\nFNF:3\nFNH:2\nBRF:6\nBRH:1\nLF:10\nLH:5\nend_of_record\nSF:/r/so3/avz/"
         "b.hpp\nFNF:1\nFNH:1\nLF:10\nLH:10\n"
         "end_of_record\nSF:/r/engine/host/c.cpp\nLF:4\nLH:1\nend_of_record\n";
  const auto coverage = read_tracefile(folder_ / "a.info", "/r");
  ASSERT_EQ(coverage.folders.size(), 2U);
  EXPECT_EQ(coverage.folders.at("so3/avz").lines.percent(), 75);
  EXPECT_EQ(coverage.folders.at("so3/avz").functions.percent(), 75);
  EXPECT_EQ(coverage.folders.at("so3/avz").branches.all, 6U);
  EXPECT_EQ(coverage.folders.at("so3/avz").branches.reached, 1U);
  EXPECT_EQ(coverage.folders.at("engine").lines.reached, 1U);
  EXPECT_EQ(coverage.sum.lines.all, 24U);
}

}  // namespace
}  // namespace me
