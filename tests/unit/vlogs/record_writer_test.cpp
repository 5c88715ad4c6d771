#include "frontends/vlogs/record_writer.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

struct RecordWriterTest : testing::Test {
  RecordWriterTest() { writer.reset(); }
  std::unique_ptr<vlogs::Ring> ring = std::make_unique<vlogs::Ring>();
  vlogs::RecordWriter writer{*ring};
  abi::ByteRingReader<vlogs::ring_bytes> reader{*ring};
};

TEST_F(RecordWriterTest, WritesWholeRecords) {
  ASSERT_TRUE(writer.put(4, "[ME:2] ", "text"));
  static_cast<void>(writer.publish());
  vlogs::Record record;
  reader.read({reinterpret_cast<std::uint8_t*>(&record), sizeof record});
  EXPECT_EQ(record.length, 11);
  EXPECT_EQ(record.level, 4);
  EXPECT_EQ(record.reserved, 0);
  std::string text(record.length, '\0');
  reader.read({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
  EXPECT_EQ(text, "[ME:2] text");
}

TEST_F(RecordWriterTest, AllOrNothing) {
  const std::string line(990, 'x');
  ASSERT_TRUE(writer.put(6, "", line));
  ASSERT_TRUE(writer.put(6, "", line));
  EXPECT_FALSE(writer.put(6, "", line));
  static_cast<void>(writer.publish());
  EXPECT_EQ(reader.available(), 2 * (4 + line.size()));
  EXPECT_FALSE(writer.broken());
}

// An index of the backend beyond what was written: it is broken, the ME is not.
TEST_F(RecordWriterTest, CorruptedIndexIsNoticed) {
  ring->indices.consumed = 4000;
  EXPECT_FALSE(writer.put(6, "", "x"));
  EXPECT_TRUE(writer.broken());
}

TEST(VlogsPrefix, E40_IsThePublishedOne) {
  EXPECT_EQ(std::string_view{vlogs::Prefix{2}}, "[ME:2] ");
  EXPECT_EQ(std::string_view{vlogs::Prefix{257}}, "[ME:257] ");
}

}  // namespace
