#include "libme/ui/text_check.hpp"

namespace me::ui {
namespace {

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// Bytes of the character at the front; 0: none begins there.
std::size_t character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x20) return lead == '\t' || lead == '\n' || lead == '\r';
  if (lead < 0x80) return lead != 0x7f;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  std::uint32_t code = lead & (0xffu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return 0;
    code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  const bool overlong = code < (length == 4 ? 0x10000u : length == 3 ? 0x800u : 0x80u);
  const bool surrogate = code >= 0xd800 && code < 0xe000;
  const bool control = code < 0xa0, none = code == 0xfffe || code == 0xffff || code > 0x10ffff;
  return overlong || surrogate || control || none ? 0 : length;
}

}  // namespace

Outcome<void> check_text(const char* what, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = character(text.substr(at));
    if (length == 0)
      return std::unexpected{Refusal{Error::invalid,
                                     "%s has the byte 0x%02x at %zu, which is no text (UTF-8, no control characters)",
                                     what, static_cast<unsigned char>(text[at]), at}};
    at += length;
  }
  return {};
}

}  // namespace me::ui
