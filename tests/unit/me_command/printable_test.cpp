// What a guest has said must not do anything to a terminal.
#include "tools/me/printable.hpp"

#include <gtest/gtest.h>

namespace me {
namespace {

TEST(Printable, KeepsWhatIsForReading) {
  for (const auto* text : {"", "plain", "a\tb", "für, Größe, 日本語, 😀", "\\x1b as text"})
    EXPECT_EQ(printable(text), text);
}

TEST(Printable, NeutralisesControlCharacters) {
  EXPECT_EQ(printable("a\x1b[2Jb\x7f"), "a\\x1b[2Jb\\x7f");
  EXPECT_EQ(printable(std::string_view("\0\a\b\r\n", 5)), "\\x00\\x07\\x08\\x0d\\x0a");
  EXPECT_EQ(printable("\x9b"
                      "31m"),
            "\\x9b31m")
      << "CSI of eight bits";
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m")
      << "CSI as UTF-8";
  EXPECT_EQ(printable("\xc2\xa0"), "\xc2\xa0");
}

TEST(Printable, NeutralisesMarksOfDirection) {
  EXPECT_EQ(printable("a\u202Eb"), "a\\xe2\\x80\\xaeb");
  EXPECT_EQ(printable("\u2066"), "\\xe2\\x81\\xa6");
  EXPECT_EQ(printable("\u2028"), "\\xe2\\x80\\xa8");
}

TEST(Printable, NeutralisesWhatIsNotUtf8) {
  EXPECT_EQ(printable("\xff"), "\\xff");
  EXPECT_EQ(printable("\xc3"), "\\xc3") << "cut off";
  EXPECT_EQ(printable("\xc3"
                      "a"),
            "\\xc3"
            "a");
  EXPECT_EQ(printable("\xc0\x9b"), "\\xc0\\x9b") << "too long for what it is";
  EXPECT_EQ(printable("\xe0\x82\x9b"), "\\xe0\\x82\\x9b");
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80") << "a surrogate";
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80") << "beyond Unicode";
}

TEST(Printable, KeepsTheEndsOfLinesWhereThereAreSeveral) { EXPECT_EQ(printable_lines("a\n\x1b\n"), "a\n\\x1b\n"); }

}  // namespace
}  // namespace me
