// Text from outside: what may be shown, and passed on as a name.
#pragma once
#include <string_view>

namespace image {

// UTF-8 without control characters besides those allowed.
bool is_text(std::string_view bytes, std::string_view allowed_controls = {});

}  // namespace image
