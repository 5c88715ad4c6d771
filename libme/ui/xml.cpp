// The C functions.
#include <me/xml.h>
#include <so3/printk.h>

#include <cstring>
#include <string>

#include "me/ui.hpp"

using me::ui::Refusal;

namespace {

int complain(const char* function, const Refusal& why) {
  printk(KERN_WARNING "%s: %s\n", function, why.text().data());
  return static_cast<int>(why.error());
}

int put(const char* function, char* buffer, std::size_t size, std::string_view document) {
  if (document.size() >= size)
    return complain(function,
                    {me::Error::too_big, "%zu bytes with the NUL do not fit in %zu", document.size() + 1, size});
  std::memcpy(buffer, document.data(), document.size());
  buffer[document.size()] = '\0';
  return static_cast<int>(document.size());
}

int put_all(const char* function, char* buffer, std::size_t size, me::ui::Messages& messages) {
  if (size > 0) *buffer = '\0';
  const auto xml = messages.xml();
  return xml ? put(function, buffer, size, *xml) : complain(function, xml.error());
}

struct First {
  std::string from, action, text;
  bool found = false;
};

bool first_event(const char* function, const char* document, First& first) {
  const auto count = me::ui::read_events(std::string_view{document}, [&](const me::ui::Event& e) {
    if (first.found) return;
    first = {std::string{e.from}, std::string{e.action}, std::string{e.text}, true};
  });
  if (!count) complain(function, count.error());
  else if (*count == 0) complain(function, {me::Error::invalid, "there is no event in it"});
  return first.found;
}

}  // namespace

int me_xml_message(char* buffer, size_t size, const char* id, const char* value) {
  me::ui::Messages messages;
  return put_all(__func__, buffer, size, messages.add(id, value));
}

int me_xml_chat(char* buffer, size_t size, const char* id, const char* sender, const char* text) {
  me::ui::Messages messages;
  return put_all(__func__, buffer, size, messages.add_chat(id, sender, text));
}

int me_xml_each_event(const char* document, size_t size, me_xml_event_fn on_event, void* context) {
  const auto count = me::ui::read_events({document, size}, [&](const me::ui::Event& e) {
    on_event(e.from.data(), e.action.data(), e.text.data(), context);  // each ends with a NUL in the parsed document
  });
  return count ? static_cast<int>(*count) : complain(__func__, count.error());
}

void xml_prepare_message(char* buffer, char* id, char* value) {
  static_cast<void>(me_xml_message(buffer, ME_XML_PACKET_MAX, id, value));
}

void xml_prepare_chat(char* buffer, char* sender, char* text) {
  static_cast<void>(me_xml_chat(buffer, ME_XML_PACKET_MAX, "msg-history", sender, text));
}

void xml_parse_event(char* buffer, char* id, char* action) {
  *id = *action = '\0';
  First first;
  if (!first_event(__func__, buffer, first)) return;
  if (first.from.size() >= ME_XML_ID_SIZE || first.action.size() >= ME_XML_ID_SIZE) {
    complain(__func__, {me::Error::too_big, "an id of %zu and an action of %zu bytes: buffers have %d with the NUL",
                        first.from.size(), first.action.size(), ME_XML_ID_SIZE});
    return;
  }
  static_cast<void>(put(__func__, id, ME_XML_ID_SIZE, first.from));
  static_cast<void>(put(__func__, action, ME_XML_ID_SIZE, first.action));
}

void xml_get_event_content(char* buffer, char* content) {
  *content = '\0';
  First first;
  if (first_event(__func__, buffer, first)) static_cast<void>(put(__func__, content, ME_XML_PACKET_MAX, first.text));
}
