// Text from outside: what may be shown, and passed on as a name.
#pragma once
#include <cstddef>
#include <string_view>

namespace image {

// Bytes of the code point that `text`, which is not empty, begins with; 0 when malformed, overlong, a surrogate or beyond
// U+10FFFF.
std::size_t utf8_length(std::string_view text);

// UTF-8 without control characters besides those allowed.
bool is_text(std::string_view bytes, std::string_view allowed_controls = {});

}  // namespace image
