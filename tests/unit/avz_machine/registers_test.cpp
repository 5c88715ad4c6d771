#include <gtest/gtest.h>

#include "so3/arch/arm64/el2.hpp"

namespace {

using arch::Esr;
using arch::ExceptionClass;

TEST(Esr, TakesAWriteToUnmappedMemoryApart) {
  constexpr Esr esr{0x9300'0046};  // data abort, write, translation fault of level 2
  EXPECT_EQ(esr.exception_class(), ExceptionClass::data_abort);
  EXPECT_TRUE(esr.write());
  EXPECT_TRUE(esr.translation_fault());
  EXPECT_FALSE(esr.permission_fault());
  EXPECT_FALSE(esr.walk_of_stage1());
}

TEST(Esr, TellsAFaultOfTheTableWalk) {
  constexpr Esr esr{0x9200'008f};
  EXPECT_TRUE(esr.walk_of_stage1());
  EXPECT_TRUE(esr.permission_fault());
}

TEST(Esr, HasTheImmediateOfAnHvc) {
  EXPECT_EQ(Esr{0x5a00'0001}.exception_class(), ExceptionClass::hvc);
  EXPECT_EQ(Esr{0x5a00'0001}.hvc_immediate(), 1);
}

TEST(FaultIpa, JoinsPageAndOffset) {
  EXPECT_EQ(arch::fault_ipa(0x1000'2000 >> 12 << 4, 0xffff'0000'0000'0123), 0x1000'2123u);
}

// Defect X11: what a domain may not reach must trap. M23.
TEST(Hcr, TrapsWhatADomainMustNotUse) {
  using namespace arch::hcr;
  for (auto bit : {vm, swio, ptw, fmo, imo, amo, twi, tsc, tidcp, tacr, tsw, rw, tlor, terr})
    EXPECT_EQ(domain & bit, bit);
  EXPECT_EQ(domain & vi, 0u);
}

TEST(Cptr, LetsADomainUseFpUnlessAsked) {
  EXPECT_EQ(arch::cptr::domain & arch::cptr::tfp, 0u);
  EXPECT_NE(arch::cptr::domain & arch::cptr::tta, 0u);
}

}  // namespace
