#include "so3/image/text.hpp"

namespace image {

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) || (lead == 0xf0 && second < 0x90) ||
      (lead == 0xf4 && second > 0x8f)) {
    return 0;
  }
  return length;
}

bool is_text(std::string_view bytes, std::string_view allowed_controls) {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto length = utf8_length(bytes.substr(i));
    const auto c = static_cast<unsigned char>(bytes[i]);
    if (length == 0 || ((c < 0x20 || c == 0x7f) && !allowed_controls.contains(bytes[i]))) return false;
    i += length;
  }
  return true;
}

}  // namespace image
