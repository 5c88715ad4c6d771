#include <tinyxml2.h>

#include "libme/ui/structure.hpp"
#include "libme/ui/text_check.hpp"

namespace me::ui {
namespace {

using tinyxml2::XMLElement;

std::unexpected<Refusal> refuse(Refusal why) { return std::unexpected{why}; }

Outcome<Event> event_of(const XMLElement& element) {
  if (std::string_view{element.Name()} != "event")
    return refuse({Error::invalid, "line %d: a <%.40s> among events", element.GetLineNum(), element.Name()});
  const auto *from = element.Attribute("from"), *action = element.Attribute("action"), *text = element.GetText();
  for (const auto& [name, value] : {std::pair{"from", from}, {"action", action}})
    if (value == nullptr || *value == '\0')
      return refuse({Error::invalid, "line %d: an event without '%s'", element.GetLineNum(), name});
  const Event event{from, action, text == nullptr ? "" : text};
  // Entities may say what the document itself could not hold.
  for (const auto part : {event.from, event.action, event.text})
    if (const auto fine = check_text("an event", part); !fine) return refuse(fine.error());
  return event;
}

}  // namespace

Outcome<std::size_t> read_events(std::string_view document, EventFunction on_event, void* context) {
  if (document.ends_with('\0')) document.remove_suffix(1);
  if (document.size() > document_max)
    return refuse({Error::too_big, "a document of %zu bytes: %zu are read at most", document.size(), document_max});
  if (const auto fine = check_text("the document", document); !fine) return refuse(fine.error());
  if (const auto fine = check_structure(document); !fine) return refuse(fine.error());

  tinyxml2::XMLDocument parsed{true, tinyxml2::PRESERVE_WHITESPACE};
  if (parsed.Parse(document.data(), document.size()) != tinyxml2::XML_SUCCESS)
    return refuse({Error::invalid, "line %d: no XML (%s)", parsed.ErrorLineNum(),
                   tinyxml2::XMLDocument::ErrorIDToName(parsed.ErrorID())});
  const auto* const root = parsed.RootElement();
  if (root == nullptr || std::string_view{root->Name()} != "events")
    return refuse({Error::invalid, "a document of events begins with <events>, not <%.40s>", root ? root->Name() : ""});
  if (root->NextSibling() != nullptr)
    return refuse({Error::invalid, "line %d: something follows </events>", root->NextSibling()->GetLineNum()});

  for (const auto* e = root->FirstChildElement(); e != nullptr; e = e->NextSiblingElement())
    if (const auto event = event_of(*e); !event) return refuse(event.error());
  std::size_t count = 0;
  for (const auto* e = root->FirstChildElement(); e != nullptr; e = e->NextSiblingElement(), ++count)
    on_event(context, *event_of(*e));
  return count;
}

}  // namespace me::ui
