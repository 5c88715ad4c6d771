// M9: the list of MEs outside the agency; device capabilities as MEs find them.
#include "tests/emulated/smart_object_fixture.hpp"

namespace emulated {
namespace {

class ListTest : public SmartObjectTest {
 protected:
  // What the ME that asks for device capabilities found.
  std::string found(std::vector<std::uint32_t> devcaps) {
    options_.devcaps = std::move(devcaps);
    boot();
    const auto slot = inject(capsule("tests/target/partners/curious.itb"));
    for (const auto deadline = Clock::now() + patience;;) {
      const auto line = logged(slot, 1, deadline);
      if (line.empty() || line[0].contains("blind ")) return line.empty() ? "" : line[0].substr(line[0].find("blind"));
    }
  }
};

TEST_P(ListTest, M9_TwoMes) {
  boot();
  EXPECT_EQ(so_->list_xml().value_or("failed"), "<mobile-entities/>");
  const auto first = inject(refso3()), second = inject(capsule("tests/target/partners/curious.itb"));
  const auto ids = so_->get_ME_id_array();
  ASSERT_TRUE(ids) << ids.error().message;
  ASSERT_EQ(ids->size(), 2U);
  const auto& id = ids->back();
  EXPECT_EQ(id.slotID, second);
  EXPECT_EQ(id.state, abi::State::living);
  EXPECT_EQ(id.spid, 0x00f0000000000013U);
  EXPECT_STREQ(id.name, "test.curious");
  EXPECT_STREQ(id.shortdesc, "Asks from threads and dc_events");
  const auto one = so_->get_ME_id(first);
  ASSERT_TRUE(one) << one.error().message;
  EXPECT_EQ(one->spid, ids->front().spid);
  EXPECT_EQ(so_->get_ME_id(second + 1).error().code, Errc::not_found);
  EXPECT_EQ(so_->list_xml().value_or("failed"),
            fmt::format("<mobile-entities>\n"
                        " <mobile-entity spid=\"{:016x}\" slotID=\"{}\">\n"
                        "  <name>{}</name>\n"
                        "  <description>{}</description>\n"
                        " </mobile-entity>\n"
                        " <mobile-entity spid=\"00f0000000000013\" slotID=\"{}\">\n"
                        "  <name>test.curious</name>\n"
                        "  <description>Asks from threads and dc_events</description>\n"
                        " </mobile-entity>\n"
                        "</mobile-entities>",
                        one->spid, first, one->name, one->shortdesc, second));
}

TEST_P(ListTest, DevcapsMatchWhenAllAttributesAreThere) {
  EXPECT_EQ(found({0x06000001, 0x06000002, 0x04000001}), "blind 1, weather 1, both 1, led 1");
}

TEST_P(ListTest, DevcapsDoNotMatchWhenOneIsMissing) {
  EXPECT_EQ(found({0x06000001}), "blind 1, weather 0, both 0, led 0");
}

TEST_P(ListTest, WithoutDevcapsThereAreNone) { EXPECT_EQ(found({}), "blind 0, weather 0, both 0, led 0"); }

FOR_EACH_GIC(ListTest);

}  // namespace
}  // namespace emulated
