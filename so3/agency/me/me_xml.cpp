#include "so3/agency/me/me_xml.hpp"

#include <tinyxml2.h>

#include <string_view>

#include "so3/agency/text.hpp"
#include "so3/image/text.hpp"

namespace agency {
namespace {

constexpr char root[] = "mobile-entities";

class Printer final : public tinyxml2::XMLPrinter {
 private:
  void PrintSpace(int depth) override {
    for (int i = 0; i < depth; ++i) Putc(' ');
  }
};

bool sayable(std::string_view character) {
  if (character.size() == 1)
    return (character[0] >= ' ' && character[0] != 0x7f) || std::string_view{"\t\n\r"}.contains(character[0]);
  return character != "\xef\xbf\xbe" && character != "\xef\xbf\xbf";  // U+FFFE, U+FFFF
}

std::string clean(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto length = image::utf8_length(text);
    const bool fine = length != 0 && sayable(text.substr(0, length));
    out += fine ? text.substr(0, length) : "\xef\xbf\xbd";
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return out;
}

void print_text(Printer& printer, const char* element, std::string_view content) {
  printer.OpenElement(element);
  if (!content.empty()) printer.PushText(clean(content).c_str());
  printer.CloseElement();
}

void print(Printer& printer, const MeId& id) {
  printer.OpenElement("mobile-entity");
  printer.PushAttribute("spid", text("%016llx", static_cast<unsigned long long>(id.spid)).c_str());
  printer.PushAttribute("slotID", id.slot);
  print_text(printer, "name", id.name);
  print_text(printer, "description", id.shortdesc);
  printer.CloseElement();
}

}  // namespace

std::string me_xml(std::span<const MeId> ids, DocumentPart part) {
  const std::string head = std::string{"<"}.append(root).append(">"),
                    tail = std::string{"\n</"}.append(root).append(">");
  if (ids.empty() && !part.first) return part.last ? tail : "";
  Printer printer;
  printer.OpenElement(root);
  for (const auto& id : ids) print(printer, id);
  printer.CloseElement();
  std::string_view document = printer.CStr();
  document.remove_suffix(1);  // tinyxml2 ends the line
  if (!part.first) document.remove_prefix(head.size());
  if (!part.last) document.remove_suffix(tail.size());
  return std::string{document};
}

}  // namespace agency
