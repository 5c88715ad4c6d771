// The published C calls.
#include <so3/vbstore.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "so3/arch/context.hpp"
#include "tests/unit/guest/world.hpp"

namespace {

struct CApiTest : StoreWorld {
  static std::string taken(char* text) {
    if (text == nullptr) return "<null>";
    std::string copy{text};
    std::free(text);
    return copy;
  }
};

TEST_F(CApiTest, ReadsWhatItWrote) {
  ASSERT_EQ(vbus_write(VBT_NIL, "device/2", "a", "text"), 0);
  unsigned length = 0;
  EXPECT_EQ(taken(vbus_read(VBT_NIL, "device/2", "a", &length)), "text");
  EXPECT_EQ(length, 4u);
  EXPECT_EQ(taken(vbus_read(VBT_NIL, "device/2/a", nullptr, nullptr)), "text");
}

TEST_F(CApiTest, ErrorsAreErrno) {
  EXPECT_EQ(vbus_read(VBT_NIL, "device/2", "none", nullptr), nullptr);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(vbus_write(VBT_NIL, "device/3", "a", "x"), -1);
  EXPECT_EQ(errno, EACCES);
  EXPECT_EQ(vbus_write(VBT_NIL, std::string(300, 'a').c_str(), "a", "x"), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(vbus_directory_exists(VBT_NIL, "device", "9"), 0);
}

TEST_F(CApiTest, PrintsAndScans) {
  ASSERT_EQ(vbus_printf(VBT_NIL, "device/2", "pair", "%d:%x", -3, 255), 0);
  int a = 0;
  unsigned b = 0;
  EXPECT_EQ(vbus_scanf(VBT_NIL, "device/2", "pair", "%d:%x", &a, &b), 2);
  EXPECT_EQ(a, -3);
  EXPECT_EQ(b, 255u);
  EXPECT_EQ(vbus_printf(VBT_NIL, "device/2", "long", "%2000d", 1), -1);
  EXPECT_EQ(errno, E2BIG);
}

TEST_F(CApiTest, GathersOrSaysWhatIsMissing) {
  ASSERT_EQ(vbus_write(VBT_NIL, "device/2", "ref", "17"), 0);
  ASSERT_EQ(vbus_write(VBT_NIL, "device/2", "port", "x"), 0);
  unsigned ref = 0, port = 0;
  EXPECT_EQ(vbus_gather(VBT_NIL, "device/2", "ref", "%u", &ref, NULL), 0);
  EXPECT_EQ(ref, 17u);
  EXPECT_EQ(vbus_gather(VBT_NIL, "device/2", "ref", "%u", &ref, "port", "%u", &port, NULL), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(CApiTest, ListsNames) {
  ASSERT_EQ(vbus_mkdir(VBT_NIL, "device/2", "x"), 0);
  ASSERT_EQ(vbus_mkdir(VBT_NIL, "device/2", "y"), 0);
  ASSERT_EQ(vbus_rm(VBT_NIL, "device/2", "x"), 0);
  unsigned count = 0;
  char** const names = vbus_directory(VBT_NIL, "device", "2", &count);
  ASSERT_NE(names, nullptr);
  ASSERT_EQ(count, 1u);
  EXPECT_STREQ(names[0], "y");
  EXPECT_EQ(names[1], nullptr);
  std::free(names);
}

TEST_F(CApiTest, TransactionTakesEffectAtItsEnd) {
  vbus_transaction_t t;
  ASSERT_EQ(vbus_transaction_start(&t), 0);
  ASSERT_EQ(vbus_write(t, "device/2", "a", "1"), 0);
  ASSERT_EQ(vbus_printf(t, "device/2", "b", "%d", 2), 0);
  EXPECT_FALSE(exists("device/2/a"));
  ASSERT_EQ(vbus_transaction_end(t), 0);
  EXPECT_EQ(value("device/2/a") + value("device/2/b"), "12");
  EXPECT_EQ(vbus_transaction_end(VBT_NIL), -1);
}

TEST_F(CApiTest, Watches) {
  static std::string seen;
  seen.clear();
  vbus_watch_t watch{};
  watch.callback = [](vbus_watch_t*, const char* changed) { seen += changed + std::string{";"}; };
  ASSERT_EQ(vbus_watch_path(&watch, "device/%d", 2), 0);
  settle();
  agency_writes("device/2/a", "1");
  settle();
  EXPECT_EQ(seen, "device/2;device/2/a;");
  vbus_unwatch(&watch);
  agency_writes("device/2/a", "2");
  settle();
  EXPECT_EQ(seen, "device/2;device/2/a;");
}

// M46: what would wait inside a domcall ends the ME, and names the callback and the call.
using CApiDeathTest = CApiTest;
TEST_F(CApiDeathTest, M46_StoreInInterruptContextIsAFault) {
  EXPECT_EXIT(
      {
        arch::irq_disable();
        vbus_write(VBT_NIL, "device/2", "a", "1");
      },
      testing::ExitedWithCode(static_cast<int>(abi::CrashReason::panic)), "vbstore write");
}

}  // namespace
