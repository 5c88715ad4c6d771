#include "frontends/vlogs/backlog.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

TEST(VlogsBacklog, FirstInFirstOut) {
  vlogs::Backlog backlog;
  EXPECT_TRUE(backlog.empty());
  ASSERT_TRUE(backlog.put(6, "one"));
  ASSERT_TRUE(backlog.put(3, ""));
  EXPECT_EQ(backlog.front()->text, "one");
  backlog.pop();
  EXPECT_EQ(backlog.front()->level, 3);
  EXPECT_EQ(backlog.front()->text, "");
  backlog.pop();
  EXPECT_FALSE(backlog.front());
  EXPECT_TRUE(backlog.empty());
}

// Nothing is dropped silently, and what is missing is missing at one known place.
TEST(VlogsBacklog, CountsWhatDoesNotFit) {
  vlogs::Backlog backlog;
  const std::string line(996, 'x');
  ASSERT_TRUE(backlog.put(6, line));
  ASSERT_TRUE(backlog.put(6, line));
  EXPECT_FALSE(backlog.put(6, line));
  EXPECT_FALSE(backlog.put(6, "short, but after the gap"));
  EXPECT_EQ(backlog.lost(), 2u);
  backlog.pop();
  backlog.pop();
  EXPECT_FALSE(backlog.empty());
  backlog.clear_lost();
  EXPECT_TRUE(backlog.empty());
  EXPECT_TRUE(backlog.put(6, line));
}

}  // namespace
