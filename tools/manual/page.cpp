#include "tools/manual/page.hpp"

#include <fmt/format.h>

namespace manual {

std::expected<std::string, std::string> with_part(std::string_view page, std::string_view name, std::string_view text) {
  const auto begin = page.find(fmt::format("<!-- {}:", name));
  const auto line = page.find('\n', begin);
  const auto end = page.find(fmt::format("<!-- end of {} -->", name), line);
  if (begin == page.npos || line == page.npos || end == page.npos)
    return std::unexpected(
        fmt::format("it has no part between '<!-- {0}: ... -->' and '<!-- end of {0} -->', each on a line", name));
  return fmt::format("{}\n{}\n{}", page.substr(0, line + 1), text, page.substr(end));
}

}  // namespace manual
