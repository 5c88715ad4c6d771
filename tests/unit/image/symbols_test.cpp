#include "so3/kernel/symbols.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace {

struct Table {
  std::uint32_t count = 3;
  std::uint16_t distances[3] = {0x30 / 4, 0x10 / 4, 0xc0 / 4};
  char names[20] = "\0ns::a\0\4bb\0\5\0";
};

const kernel::SymbolTable& view(const Table& table) { return reinterpret_cast<const kernel::SymbolTable&>(table); }

TEST(Symbols, FindsTheFunctionAnAddressIsIn) {
  const Table table;
  const auto expect = [&](std::uint64_t offset, const char* name, std::uint64_t within) {
    const auto symbol = kernel::find_symbol(view(table), offset);
    EXPECT_STREQ(symbol.name.data(), name);
    EXPECT_EQ(symbol.offset, within);
  };
  expect(0x30, "ns::a", 0);
  expect(0x3f, "ns::a", 15);
  expect(0x40, "ns::bb", 0);
  expect(0xff, "ns::bb", 0xbf);
  expect(0x100, "ns::b", 0);
  expect(~std::uint64_t{0}, "ns::b", ~std::uint64_t{0} - 0x100);
}

TEST(Symbols, NothingBeforeTheFirst) {
  const Table table;
  EXPECT_EQ(kernel::find_symbol(view(table), 0x2f).name.front(), 0);
  const Table empty{.count = 0};
  EXPECT_EQ(kernel::find_symbol(view(empty), 0x30).name.front(), 0);
}

TEST(Symbols, LongNamesAreCut) {
  struct {
    std::uint32_t count = 1;
    std::uint16_t distance = 0;
    char shared = 0;
    char name[200];
  } table;
  std::memset(table.name, 'x', sizeof table.name);
  table.name[199] = '\0';
  const auto symbol = kernel::find_symbol(reinterpret_cast<const kernel::SymbolTable&>(table), 0);
  EXPECT_EQ(std::strlen(symbol.name.data()), kernel::symbol_name_max);
}

}  // namespace
