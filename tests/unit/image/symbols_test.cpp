#include "so3/kernel/symbols.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace {

struct Table {
  std::uint32_t count = 3;
  std::uint32_t offsets[3] = {0x30, 0x40, 0x100};
  char names[16] = "a\0bb\0ccc";
};

const kernel::SymbolTable& view(const Table& table) { return reinterpret_cast<const kernel::SymbolTable&>(table); }

TEST(Symbols, FindsTheFunctionAnAddressIsIn) {
  const Table table;
  const auto expect = [&](std::uint64_t offset, const char* name, std::uint64_t within) {
    const auto symbol = kernel::find_symbol(view(table), offset);
    EXPECT_STREQ(symbol.name, name);
    EXPECT_EQ(symbol.offset, within);
  };
  expect(0x30, "a", 0);
  expect(0x3f, "a", 15);
  expect(0x40, "bb", 0);
  expect(0xff, "bb", 0xbf);
  expect(0x100, "ccc", 0);
  expect(~std::uint64_t{0}, "ccc", ~std::uint64_t{0} - 0x100);
}

TEST(Symbols, NothingBeforeTheFirst) {
  const Table table;
  EXPECT_EQ(kernel::find_symbol(view(table), 0x2f).name, nullptr);
  const Table empty{.count = 0};
  EXPECT_EQ(kernel::find_symbol(view(empty), 0x30).name, nullptr);
}

}  // namespace
