#include "so3/kernel/format.hpp"

#include <cstdio>
#include <cstring>

#include "so3/kernel/include/so3/printk.h"
#include "tests/unit/kernel/domain.hpp"

namespace {

std::string formatted(const char* fmt, ...) {
  char text[400];
  std::va_list args;
  va_start(args, fmt);
  const auto n = kernel::format(text, sizeof text, fmt, args);
  va_end(args);
  EXPECT_EQ(n, std::strlen(text));
  return text;
}

// The C library is the specification.
#define EXPECT_LIKE_LIBC(...)                              \
  do {                                                     \
    char expected[400];                                    \
    std::snprintf(expected, sizeof expected, __VA_ARGS__); \
    EXPECT_EQ(formatted(__VA_ARGS__), expected);           \
  } while (false)

TEST(Format, AgreesWithTheCLibrary) {
  EXPECT_LIKE_LIBC("plain");
  EXPECT_LIKE_LIBC("%d %d %d %i", 0, -1, 2147483647, -2147483647 - 1);
  EXPECT_LIKE_LIBC("%u %x %X %o %#x %#o %#x", 4294967295u, 48879u, 48879u, 8u, 255u, 8u, 0u);
  EXPECT_LIKE_LIBC("%ld %lu %lld %llu %zu %lx", -1L, ~0UL, -9223372036854775807LL - 1, ~0ULL, sizeof(int), 1UL << 63);
  EXPECT_LIKE_LIBC("%hd %hhd %hu %hhu", static_cast<short>(-3), static_cast<signed char>(-4),
                   static_cast<unsigned short>(65535), static_cast<unsigned char>(255));
  EXPECT_LIKE_LIBC("[%5d][%-5d][%05d][%+d][% d][%+05d][%-+5d]", 42, 42, 42, 42, 42, 42, 42);
  EXPECT_LIKE_LIBC("[%.3d][%8.3d][%-8.3d]", 7, 7, 7);
  EXPECT_LIKE_LIBC("[%*d][%-*d][%*d][%.*s]", 6, 1, 6, 2, -6, 3, 2, "abc");
  EXPECT_LIKE_LIBC("[%s][%5s][%-5s][%.2s][%5.1s]", "abc", "abc", "abc", "abc", "abc");
  EXPECT_LIKE_LIBC("[%c][%3c][%-3c]%%", 'a', 'b', 'c');
  EXPECT_LIKE_LIBC("%p", reinterpret_cast<void*>(0x1000200000));
}

TEST(Format, NullString) { EXPECT_EQ(formatted("%s", static_cast<const char*>(nullptr)), "(null)"); }

TEST(Format, UnknownConversionIsShown) {
  const char* const fmt = "%q %d";
  EXPECT_EQ(formatted(fmt, 5), "%q 5");
}

TEST(Format, TruncatesAndTellsTheFullLength) {
  char text[5] = "zzzz";
  const auto call = [&](const char* fmt, ...) {
    std::va_list args;
    va_start(args, fmt);
    const auto n = kernel::format(text, sizeof text, fmt, args);
    va_end(args);
    return n;
  };
  EXPECT_EQ(call("%s", "abcdefgh"), 8u);
  EXPECT_STREQ(text, "abcd");
}

using Printk = Domain;

TEST_F(Printk, LevelsSelect) {
  printk("info %d\n", 1);
  printk(KERN_DEBUG "debug\n");
  printk(KERN_ERR "error\n");
  EXPECT_EQ(machine().console, "info 1\nerror\n");
}

TEST_F(Printk, LongLineIsCutVisibly) {
  printk("%s\n", std::string(500, 'x').c_str());
  EXPECT_EQ(machine().console, std::string(251, 'x') + "...\n");
}

}  // namespace
