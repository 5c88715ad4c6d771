// A page with parts that are generated: between two comments, everything is replaced.
#pragma once
#include <expected>
#include <string>
#include <string_view>

namespace manual {

// Replaces what is between `<!-- NAME: ... -->` and `<!-- end of NAME -->`. The error: that there is no such part.
[[nodiscard]] std::expected<std::string, std::string> with_part(std::string_view page, std::string_view name,
                                                                std::string_view text);

}  // namespace manual
