// Text in pictures: names come from guests. Issue 3, items 1 and 10.
#include "engine/diagram/svg.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/diagram/wrap.hpp"
#include "tests/unit/diagram/picture.hpp"

namespace engine::diagram {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Svg, TextOfGuestsIsHarmless) {
  EXPECT_EQ(escaped("<a>&\""), "&lt;a&gt;&amp;&quot;");
  EXPECT_EQ(escaped("z\xc3\xbcrich"), "z\xc3\xbcrich");
  EXPECT_EQ(escaped("\x01\x1b[2J"), "\uFFFD\uFFFD[2J");
  EXPECT_EQ(escaped("\xff\xc3"), "\uFFFD\uFFFD");
  EXPECT_EQ(escaped("\xed\xa0\x80"), "\uFFFD\uFFFD\uFFFD");
}

// Whatever bytes a name has, the picture is XML, and the name is one text of it.
TEST(Svg, AnyByteMakesADocument) {
  for (int first = 0; first < 256; first++)
    for (int second = 0; second < 256; second++) {
      Svg svg(100, 100, std::string{static_cast<char>(first)});
      svg.text({50, 50}, std::string{'a', static_cast<char>(first), static_cast<char>(second), 'z'}, "label");
      const Picture picture(std::move(svg).finish());
      ASSERT_EQ(picture.texts.size(), 1U) << first << ' ' << second;
    }
}

TEST(Svg, WidthCountsCharacters) {
  EXPECT_EQ(text_width("abc"), 3 * character_width);
  EXPECT_EQ(text_width("\u00fc"), character_width);
  EXPECT_EQ(text_width("\u6c34"), 2 * character_width);  // a wide one
  EXPECT_EQ(text_width("\xff\xff"), 2 * character_width);  // shown as U+FFFD each
}

TEST(Svg, FittedIsNoWiderAndEndsInAnEllipsis) {
  EXPECT_EQ(fitted("abcdef", 6 * character_width), "abcdef");
  EXPECT_EQ(fitted("abcdef", 5 * character_width), "abcd\u2026");
  for (const auto* name : {"abcdefghij", "\u00fc\u00fc\u00fc\u00fc\u00fc\u00fc", "\u6c34\u6c34\u6c34\u6c34"})
    for (int cells = 2; cells < 12; cells++) {
      const auto text = fitted(name, cells * character_width);
      EXPECT_LE(text_width(text), cells * character_width) << text;
      EXPECT_EQ(escaped(text), text);  // no character is cut
    }
}

TEST(Wrapped, BreaksAtSpaces) {
  EXPECT_THAT(wrapped("", 100), IsEmpty());
  EXPECT_THAT(wrapped("one two three", 7 * character_width), ElementsAre("one two", "three"));
  EXPECT_THAT(wrapped("  a   b ", 100), ElementsAre("a b"));
  EXPECT_THAT(wrapped("unbreakable it is", 4 * character_width), ElementsAre("unbreakable", "it", "is"));
}

}  // namespace
}  // namespace engine::diagram
