// M63 to M66: the documents of a user interface.
#include <gtest/gtest.h>
#include <me/ui.hpp>

#include <string>

namespace {

using namespace me::ui;
using namespace std::chrono_literals;

std::string message(std::string to, std::string text) {
  const std::string before(ME_XML_PACKET_MAX, '#');
  std::string buffer = before;
  xml_prepare_message(buffer.data(), to.data(), text.data());
  return buffer.c_str();
}

// The bytes that tablets have always got.
TEST(Ui, M65_AMessageIsThreeLines) {
  EXPECT_EQ(message("ID", "VALUE"), "<messages>\n <message to=\"ID\">VALUE</message>\n</messages>");
  EXPECT_EQ(message("text-edit", ""), "<messages>\n <message to=\"text-edit\"></message>\n</messages>");
}

TEST(Ui, M65_WhatIsSpecialInXmlIsEscaped) {
  EXPECT_EQ(message("a\"b", "<1 & 2>"),
            "<messages>\n <message to=\"a&quot;b\">&lt;1 &amp; 2&gt;</message>\n</messages>");
}

TEST(Ui, M65_WhatDoesNotFitIsRefusedAndLeavesAnEmptyText) {
  const std::string frame = "<messages>\n <message to=\"x\"></message>\n</messages>";
  const std::string fits(ME_XML_PACKET_MAX - 1 - frame.size(), 'v');
  EXPECT_EQ(message("x", fits).size(), ME_XML_PACKET_MAX - 1U);
  EXPECT_EQ(message("x", fits + 'v'), "");
  EXPECT_EQ(message("x", std::string(1 << 20, 'v')), "");
  char small[8] = "1234567";
  EXPECT_EQ(me_xml_message(small, sizeof small, "x", "y"), ME_ETOOBIG);
  EXPECT_STREQ(small, "");
  EXPECT_EQ(me_xml_message(nullptr, 0, "x", "y"), ME_ETOOBIG);
}

TEST(Ui, EveryByteThatIsNoTextIsRefused) {
  for (int c = 1; c < 256; ++c) {
    const std::string one(1, static_cast<char>(c));
    const bool fine = c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7f);
    EXPECT_EQ(message("x", "<" + one) != "", fine) << c;
    EXPECT_EQ(message(one, "x") != "", fine) << c;
  }
  for (const auto* good : {"\u00e4", "\u20ac", "\U0001f4a1"}) EXPECT_NE(message("x", good), "") << good;
  for (const auto* bad :
       {"\xc3", "\xe2\x82", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc2\x85", "\xef\xbf\xbf"})
    EXPECT_EQ(message("x", bad), "") << bad;
}

TEST(Ui, MessagesShareAPacketAndAChatIsAnElement) {
  Messages messages;
  messages.add("text-edit", "").add_chat("msg-history", "A & B", "hi");
  EXPECT_EQ(messages.xml(),
            "<messages>\n <message to=\"text-edit\"></message>\n <message to=\"msg-history\">\n"
            "  <chat from=\"A &amp; B\">hi</chat>\n </message>\n</messages>");
}

TEST(Ui, AModelIsRowsOfColumnsWithAWidgetEach) {
  Model model{"Lamp", "In the <hall>"};
  model.row().add(2, Button{"on", "On", 1500ms}).add(3, Label{"on", "left"});
  model.row().add(1, Text{"t"}).add(4, Input{"i"}).add(12, Scroll{"s"}).add(1, Button{"off", "Off"});
  char species[32];
  std::snprintf(species, sizeof species, "<model spid=\"%016llx\">", static_cast<unsigned long long>(me::spid()));
  EXPECT_EQ(model.xml(), std::string{species} + R"(
 <name>Lamp</name>
 <description>In the &lt;hall&gt;</description>
 <layout>
  <row>
   <col span="2">
    <button id="on" lockable="true" lockable-after="1.5">On</button>
   </col>
   <col span="3">
    <label for="on">left</label>
   </col>
  </row>
  <row>
   <col span="1">
    <text>t</text>
   </col>
   <col span="4">
    <input id="i"/>
   </col>
   <col span="12">
    <scroll id="s"/>
   </col>
   <col span="1">
    <button id="off" lockable="false">Off</button>
   </col>
  </row>
 </layout>
</model>)");
}

std::string refusal(Model& model) { return std::string{model.xml().error().text()}; }

TEST(Ui, AModelIsRefusedForWhatWentWrongFirst) {
  Model wide{"n", "d"}, loose{"n", "d"}, nameless{"n", "d"}, long_one{"n", "d"}, done{"n", "d"};
  EXPECT_EQ(refusal(wide.row().add(13, Text{"t"}).add(1, Button{"", ""})), "a column of a model spans 1 to 12, not 13");
  EXPECT_EQ(refusal(loose.add(1, Text{"t"})), "a column of a model is in no row: call row() first");
  EXPECT_EQ(refusal(nameless.row().add(1, Input{""})), "an element of a model has an empty id");
  for (int i = 0; i < 100; ++i) long_one.row().add(1, Text{"0123456789"});
  EXPECT_TRUE(refusal(long_one).starts_with("a model does not fit in a packet of 1024 bytes: it has 10"))
      << refusal(long_one);
  EXPECT_TRUE(done.xml());
  EXPECT_EQ(refusal(done.row()), "a model is finished: nothing can be added");
}

using Seen = std::vector<std::string>;
Outcome<std::size_t> read(std::string_view document, Seen& seen) {
  return read_events(document, [&](const Event& e) {
    seen.push_back(std::string{e.from} + "|" + std::string{e.action} + "|" + std::string{e.text});
  });
}

TEST(Ui, M66_EveryEventOfADocumentIsReadAndDecoded) {
  Seen seen;
  const auto count = read(
      "<?xml version='1.0'?>\n<events><event from='b1' action=\"clickDown\"/>"
      " <event action='valueChanged' from='a&amp;b'>  &lt;hi> \n</event></events>\n",
      seen);
  EXPECT_EQ(count, 2U);
  EXPECT_EQ(seen, (Seen{"b1|clickDown|", "a&b|valueChanged|  <hi> \n"}));
  const char with_nul[] = "<events></events>";
  EXPECT_EQ(read({with_nul, sizeof with_nul}, seen), 0U);
}

TEST(Ui, M66_AnEventInTheBuffersOfThePublishedFunction) {
  char document[] = "<events><event from='12345678901234567' action='clickDown'>1</event></events>";
  struct {
    char id[ME_XML_ID_SIZE], action[ME_XML_ID_SIZE], guard = 'g';
  } got;
  xml_parse_event(document, got.id, got.action);
  EXPECT_STREQ(got.id, "12345678901234567");
  EXPECT_STREQ(got.action, "clickDown");
  char content[ME_XML_PACKET_MAX];
  xml_get_event_content(document, content);
  EXPECT_STREQ(content, "1");
  char longer[] = "<events><event from='12345678901234567890' action='clickDown'/></events>";
  xml_parse_event(longer, got.id, got.action);
  EXPECT_STREQ(got.id, "");
  EXPECT_STREQ(got.action, "");
  EXPECT_EQ(got.guard, 'g');
}

TEST(Ui, WhatIsNoDocumentOfEventsIsRefusedWhole) {
  const std::pair<std::string, std::string> cases[] = {
      {"", "no XML"},
      {"hello", "no XML"},
      {"<events>", "no XML"},
      {"<events><event from='a' action='b'/>", "no XML"},
      {"<messages/>", "begins with <events>, not <messages>"},
      {"<events/><events/>", "something follows </events>"},
      {"<events><event from='a' action='b'/><event action='b'/></events>", "an event without 'from'"},
      {"<events><event from='a' action=''/></events>", "an event without 'action'"},
      {"<events><evil/></events>", "a <evil> among events"},
      {"<events><event from='a' action='b'>&#1;</event></events>", "the byte 0x01 at 0"},
      {"<events><!-- </events> --></events>", "comments, CDATA and DOCTYPE"},
      {"<!DOCTYPE x><events/>", "comments, CDATA and DOCTYPE"},
      {"<events><event from='a<b' action='b'/></events>", "a '<' in the tag at byte 8"},
      {"<events x='>", "has no end"},
      {"<events>\x01</events>", "the byte 0x01 at 8"},
      {std::string("<events>\0</events>", 18), "the byte 0x00 at 8"},
      {std::string(document_max + 1, ' '), "a document of 4097 bytes: 4096 are read at most"},
  };
  for (const auto& [document, words] : cases) {
    Seen seen;
    const auto count = read(document, seen);
    ASSERT_FALSE(count) << document;
    EXPECT_NE(count.error().text().find(words), std::string_view::npos) << document << ": " << count.error().text();
    EXPECT_EQ(seen, Seen{}) << document;
  }
}

// The parser recurses: what it gets is never deeper than said, whatever tries to hide it.
TEST(Ui, DeepNestingIsRefused) {
  const auto nested = [](unsigned depth, const std::string& open, const std::string& close) {
    std::string document;
    for (unsigned i = 0; i < depth; ++i) document += open;
    for (unsigned i = 0; i < depth; ++i) document += close;
    return document;
  };
  Seen seen;
  EXPECT_NE(read(nested(depth_max, "<a>", "</a>"), seen).error().text().find("<events>"), std::string_view::npos);
  for (const auto* open : {"<a>", "<a b='/>'>", "<a b='></a>'>", "<a b=\"'>\" c='\"/>'>"})
    for (const unsigned depth : {depth_max + 1, 300U}) EXPECT_FALSE(read(nested(depth, open, "</a>"), seen)) << open;
}

TEST(Ui, CutAnywhereItIsRefused) {
  const std::string whole = "<events><event from=\"b\" action=\"clickDown\">x &amp; y</event></events>";
  Seen seen;
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(read(whole.substr(0, size), seen)) << size;
  EXPECT_EQ(seen, Seen{});
  EXPECT_TRUE(read(whole, seen));
}

}  // namespace
