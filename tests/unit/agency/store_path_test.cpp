#include <gtest/gtest.h>

#include "so3/agency/store/path.hpp"

namespace agency {
namespace {

TEST(StorePath, SplitsIntoComponents) {
  const auto p = StorePath::parse("soo/me/2/name");
  ASSERT_TRUE(p);
  ASSERT_EQ(p->depth(), 4u);
  EXPECT_EQ(p->component(0), "soo");
  EXPECT_EQ(p->component(2), "2");
  EXPECT_EQ(p->component(3), "name");
}

TEST(StorePath, EmptyIsTheRoot) {
  const auto p = StorePath::parse("");
  ASSERT_TRUE(p);
  EXPECT_TRUE(p->is_root());
}

TEST(StorePath, RefusesWhatTheGrammarDoesNotHave) {
  for (const char* bad : {"/", "/soo", "soo/", "soo//me", "soo me", "soo/m\x80", "a\tb", "a*"})
    EXPECT_FALSE(StorePath::parse(bad)) << bad;
}

TEST(StorePath, LimitsAreInclusive) {
  const std::string longest(abi::vbstore::path_max, 'x');
  const auto p = StorePath::parse(longest);
  ASSERT_TRUE(p);
  EXPECT_EQ(p->component(0), longest);
  EXPECT_FALSE(StorePath::parse(longest + "x"));

  std::string deep = "d";
  for (std::size_t i = 1; i < abi::vbstore::depth_max; ++i) deep += "/d";
  EXPECT_TRUE(StorePath::parse(deep));
  EXPECT_FALSE(StorePath::parse(deep + "/d"));
}

// Decision 8: an ME's parts of the tree are its own number's, not those that begin with the same digits.
TEST(StorePath, OwnPartsAreExact) {
  const auto part = [](const char* text) {
    const auto found = part_of(*StorePath::parse(text));
    return std::pair{found.domain, found.depth};
  };
  EXPECT_EQ(part("device/2"), (std::pair{2u, std::size_t{2}}));
  EXPECT_EQ(part("device/2/vlogs/0/state"), (std::pair{2u, std::size_t{2}}));
  EXPECT_EQ(part("backend/vlogs/2/0/state"), (std::pair{2u, std::size_t{3}}));
  EXPECT_EQ(part("soo/me/257/name"), (std::pair{257u, std::size_t{3}}));
  for (const char* foreign :
       {"device", "device/20", "device/20/x", "device/02/x", "device/3", "soo", "soo/me", "soo/me/20", "soo/2/me",
        "soo/you/2/x", "backend", "backend/vlogs", "backend/2", "backend/vlogs/20", "domain/2"})
    EXPECT_NE(part(foreign).first, 2u) << foreign;
  for (const char* nobodys : {"", "device", "device/1", "device/0", "device/258", "device/4294967298", "device/-2",
                              "device/02", "device/2x", "soo/me", "backend/2", "x/2"})
    EXPECT_EQ(part(nobodys), (std::pair{abi::agency_domain, std::size_t{1}})) << nobodys;
}

}  // namespace
}  // namespace agency
