// M9: the list of MEs, as a function, as structures on the link and as an XML document.
#include "agency_fixture.hpp"
#include "so3/agency/me/me_xml.hpp"

namespace agency {
namespace {

using abi::Status;
using abi::link::Type;

struct MeListTest : AgencyTest {
  void set(std::uint32_t slot, const std::string& key, std::string_view value) {
    const auto path = "soo/me/" + std::to_string(slot) + '/' + key;
    ASSERT_TRUE(agency.store().write(slot, *StorePath::parse(path), value));
  }
  void populate(std::uint32_t slot, std::string_view name, std::string_view shortdesc) {
    set(slot, "spid", "20000000000003");
    set(slot, "spadcaps", "8000000000000001");
    set(slot, "name", name);
    set(slot, "shortdesc", shortdesc);
  }
  Reply list(Type type, std::uint32_t slot, std::uint32_t most = ~0u) {
    ask(type, 9, raw(abi::link::From{slot, most}));
    return reply(9).value();
  }
  // All parts, put together.
  std::string document(std::size_t& parts) {
    std::string all;
    std::uint32_t next = abi::first_me_slot;
    for (parts = 0; parts == 0 || next != 0; ++parts) {
      const auto part = list(Type::list_xml, next);
      EXPECT_EQ(part.status, Status::ok);
      all += part.text;
      next = static_cast<std::uint32_t>(part.value);
    }
    return all;
  }
};

TEST_F(MeListTest, M9_AnMeIsWhatItSays) {
  const auto slot = inject();
  populate(slot, "SOO.refso3", "The reference ME");
  const auto id = agency.me_list().get_ME_id(slot);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->slot, slot);
  EXPECT_EQ(id->state, abi::State::living);
  EXPECT_EQ(id->spid, 0x0020'0000'0000'0003u);
  EXPECT_EQ(id->spadcaps, 0x8000'0000'0000'0001u);
  EXPECT_EQ(id->name, "SOO.refso3");
  EXPECT_EQ(id->shortdesc, "The reference ME");
  EXPECT_FALSE(agency.me_list().get_ME_id(slot + 1));
  EXPECT_FALSE(agency.me_list().get_ME_id(abi::agency_domain));
  EXPECT_FALSE(agency.me_list().get_ME_id(~0u));
}

// Each of the four entries is needed, and numbers are numbers; else nothing is shown but slot and state.
TEST_F(MeListTest, M9_WhoHasNotSaidWhoItIsHasNoIdentity) {
  const auto slot = inject();
  const auto unsaid = [&] {
    const auto id = agency.me_list().get_ME_id(slot).value();
    return id.state == abi::State::living && id.spid == 0 && id.spadcaps == 0 && id.name.empty() &&
           id.shortdesc.empty();
  };
  EXPECT_TRUE(unsaid());
  for (const std::string missing : {"spid", "spadcaps", "name", "shortdesc"}) {
    populate(slot, "x", "y");
    EXPECT_FALSE(unsaid());
    ASSERT_TRUE(agency.store().rm(slot, *StorePath::parse("soo/me/2/" + missing)));
    EXPECT_TRUE(unsaid()) << missing;
  }
  for (const std::string number : {"", "0x1", "1 ", "-1", "10000000000000000", "g"}) {
    populate(slot, "x", "y");
    set(slot, "spid", number);
    EXPECT_TRUE(unsaid()) << number;
  }
}

// The next ME in a slot does not inherit.
TEST_F(MeListTest, M9_NothingRemainsOfAnMeThatEnded) {
  const auto slot = inject();
  populate(slot, "SOO.first", "gone");
  ask(Type::kill, 3, raw(abi::link::Slot{slot, 0}));
  EXPECT_FALSE(agency.me_list().get_ME_id(slot));
  EXPECT_TRUE(agency.me_list().get_ME_id_array().empty());
  ASSERT_EQ(inject(), slot);
  EXPECT_EQ(agency.me_list().get_ME_id(slot)->name, "");
}

TEST_F(MeListTest, M9_TheEngineGetsStructures) {
  const auto first = inject(), second = inject();
  populate(first, std::string(100, 'n'), std::string(1024, 'd'));
  const auto both = list(Type::list_ids, 0);
  EXPECT_EQ(both.value, 0u);
  ASSERT_EQ(both.text.size(), 2 * sizeof(abi::link::MeId));
  abi::link::MeId ids[2];
  std::memcpy(ids, both.text.data(), sizeof ids);
  EXPECT_EQ(ids[0].slot, first);
  EXPECT_EQ(ids[0].name, std::string(39, 'n'));
  EXPECT_EQ(ids[0].shortdesc, std::string(1024, 'd'));
  EXPECT_EQ(ids[1].slot, second);
  EXPECT_EQ(ids[1].state, static_cast<std::uint32_t>(abi::State::living));
  EXPECT_STREQ(ids[1].name, "");
  const auto one = list(Type::list_ids, 0, 1);
  EXPECT_EQ(one.value, second);
  EXPECT_EQ(one.text.size(), sizeof(abi::link::MeId));
  EXPECT_EQ(list(Type::list_ids, second + 1).text, "");
  EXPECT_EQ(list(Type::list_ids, first, 0).text.size(), sizeof(abi::link::MeId));  // always goes on
}

TEST_F(MeListTest, M9_AnEmptyListIsALoneRoot) { EXPECT_EQ(list(Type::list_xml, 0).text, "<mobile-entities/>"); }

// Golden: the published layout, byte for byte.
TEST_F(MeListTest, M9_TheDocument) {
  const auto first = inject(), second = inject();
  inject();
  populate(first, "SOO.refso3", "The reference ME");
  populate(second, "a<b>&\"c'", "x & <y> \"z\" \x01\x1b[2J\x7f\t|\xff\xc3|\xef\xbf\xbf|\xc3\xa9");
  const std::string golden =
      "<mobile-entities>\n"
      " <mobile-entity spid=\"0020000000000003\" slotID=\"2\">\n"
      "  <name>SOO.refso3</name>\n"
      "  <description>The reference ME</description>\n"
      " </mobile-entity>\n"
      " <mobile-entity spid=\"0020000000000003\" slotID=\"3\">\n"
      "  <name>a&lt;b&gt;&amp;\"c'</name>\n"
      "  <description>x &amp; &lt;y&gt; \"z\" \uFFFD\uFFFD[2J\uFFFD\t|\uFFFD\uFFFD|\uFFFD|\u00e9</description>\n"
      " </mobile-entity>\n"
      " <mobile-entity spid=\"0000000000000000\" slotID=\"4\">\n"
      "  <name/>\n"
      "  <description/>\n"
      " </mobile-entity>\n"
      "</mobile-entities>";
  EXPECT_EQ(list(Type::list_xml, abi::first_me_slot).text, golden);
  // In parts of one ME it is the same, and when the rest ends in between it still is a document.
  std::string parts;
  for (std::uint32_t next = 2; next != 0;) {
    const auto part = list(Type::list_xml, next, 1);
    parts += part.text;
    next = static_cast<std::uint32_t>(part.value);
  }
  EXPECT_EQ(parts, golden);
  EXPECT_EQ(list(Type::list_xml, 9).text, "\n</mobile-entities>");
}

// More than a frame holds, each as long as it can be.
TEST_F(MeListTest, M9_AFullMachineTakesSeveralFrames) {
  avz.free_bytes = 1 << 30;
  constexpr std::uint32_t count = 40;
  const std::string longest(me_description_max, '&');
  for (std::uint32_t i = 0; i < count; ++i) populate(inject(), std::string(me_name_max, '&'), longest);
  const auto ids = agency.me_list().get_ME_id_array(2, 1);
  EXPECT_LE(me_xml(ids).size(), me_xml_root_max + me_xml_max);
  EXPECT_EQ(agency.me_list().get_ME_id_array().size(), count);
  std::size_t parts = 0;
  EXPECT_EQ(document(parts), me_xml(agency.me_list().get_ME_id_array()));
  EXPECT_EQ(parts, 4u);
}

}  // namespace
}  // namespace agency
