#include "agency_fixture.hpp"

namespace agency {
namespace {

TEST_F(AgencyTest, BootArgumentsGiveDevcaps) {
  agency.boot_arguments("costs devcaps=0x06000001,0x06000002,0x07ffffff quiet devcaps=0x01000001");
  EXPECT_EQ(agency.bus().devcaps(6), 3u);
  EXPECT_EQ(agency.bus().devcaps(7), 0xff'ffffu);
  EXPECT_EQ(agency.bus().devcaps(1), 1u);
  EXPECT_EQ(agency.bus().devcaps(2), 0u);
  EXPECT_EQ(console_text, "");
}

TEST_F(AgencyTest, BootArgumentsThatAreNoDevcapsAreNamed) {
  for (const std::string entry :
       {"", "0x", "6000001", "0x06000000", "0x00000001", "0x106000001", "0x06000001x", "0x-1"}) {
    console_text.clear();
    agency.boot_arguments("devcaps=0x05000001," + (entry.empty() ? ",0x05000002" : entry));
    EXPECT_NE(console_text.find("devcaps: '" + entry + "' is no device capability"), std::string::npos) << entry;
  }
  EXPECT_EQ(agency.bus().devcaps(5), 3u);
  EXPECT_EQ(agency.bus().devcaps(6), 0u);
}

TEST_F(AgencyTest, BootArgumentsSetHowLongAnMeMayTake) {
  agency.boot_arguments("patience=50");
  EXPECT_EQ(console_text, "");
  avz.on_dc_event = [](auto...) {};
  request_injection(5);
  pass(49 * ms);
  EXPECT_FALSE(reply(5));
  pass(2 * ms);
  const auto r = reply(5);
  ASSERT_TRUE(r);
  EXPECT_NE(r->text.find("did not connect its frontends within 50 ms"), std::string::npos) << r->text;
}

TEST_F(AgencyTest, BootArgumentsThatAreNoPatienceAreNamed) {
  for (const std::string time : {"", "0", "600001", "-1", "1s", "99999999999999999999"}) {
    console_text.clear();
    agency.boot_arguments("patience=" + time);
    EXPECT_NE(console_text.find("patience: '" + time + "' is no number of milliseconds"), std::string::npos) << time;
  }
}

}  // namespace
}  // namespace agency
