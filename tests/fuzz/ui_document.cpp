// Documents of events from a tablet, and messages to it: what is read is text of the size that was promised, and what is
// written is read back as it was.
#include <tinyxml2.h>
#include <me/ui.hpp>

#include <cstdlib>
#include <string>

#include "libme/ui/text_check.hpp"

namespace {

void require(bool condition) {
  if (!condition) std::abort();
}

void read(std::string_view document) {
  std::size_t seen = 0;
  const auto count = me::ui::read_events(document, [&](const me::ui::Event& event) {
    ++seen;
    require(!event.from.empty() && !event.action.empty());
    for (const auto part : {event.from, event.action, event.text})
      require(part.size() <= document.size() && me::ui::check_text("a part", part).has_value());
  });
  require(seen == count.value_or(0));
}

void write(std::string_view input) {
  const auto cut = input.find('\0');
  const auto to = input.substr(0, cut), text = cut == input.npos ? input : input.substr(cut + 1);
  me::ui::Messages messages;
  const auto xml = messages.add(to, text).xml();
  if (!xml) return;
  require(xml->size() < me::ui::packet_max);
  tinyxml2::XMLDocument parsed;
  require(parsed.Parse(xml->data(), xml->size()) == tinyxml2::XML_SUCCESS);
  const auto* const message = parsed.RootElement()->FirstChildElement("message");
  require(message != nullptr && message->NextSibling() == nullptr && message->Attribute("to") != nullptr);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input{reinterpret_cast<const char*>(data), size};
  read(input);
  write(input);
  return 0;
}
