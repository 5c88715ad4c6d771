#include "frontends/vlogs/lines.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

std::vector<std::string> split(std::string_view message, std::size_t max) {
  std::vector<std::string> all;
  for (vlogs::Lines lines{message, max}; !lines.done();) all.emplace_back(lines.next());
  return all;
}

using Split = std::vector<std::string>;

TEST(VlogsLines, OneLine) {
  EXPECT_EQ(split("abc", 10), Split{"abc"});
  EXPECT_EQ(split("abc\n", 10), Split{"abc"});
  EXPECT_EQ(split("", 10), Split{""});
  EXPECT_EQ(split("\n", 10), Split{""});
}

TEST(VlogsLines, NewlinesSeparate) { EXPECT_EQ(split("a\nb\n\nc", 10), (Split{"a", "b", "", "c"})); }

TEST(VlogsLines, LongOnesAreSplitNotCut) {
  EXPECT_EQ(split("abcdefghij", 4), (Split{"abcd", "efgh", "ij"}));
  EXPECT_EQ(split("abcdefgh\nx", 4), (Split{"abcd", "efgh", "x"}));
}

TEST(VlogsLines, NeverInsideACharacter) {
  EXPECT_EQ(split("abc\xc3\xa9xyz", 4), (Split{"abc", "\xc3\xa9xy", "z"}));
  EXPECT_EQ(split("a\xf0\x9f\x98\x80z", 4), (Split{"a", "\xf0\x9f\x98\x80", "z"}));
}

TEST(VlogsLines, WhatIsNoUtf8IsKeptToo) {
  std::string all;
  for (const auto& line : split("\x80\x80\x80\x80\x80\x80\x80\x80\x80", 4)) {
    EXPECT_LE(line.size(), 4u);
    EXPECT_FALSE(line.empty());
    all += line;
  }
  EXPECT_EQ(all.size(), 9u);
}

}  // namespace
