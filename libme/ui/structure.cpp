#include "libme/ui/structure.hpp"

namespace me::ui {

Outcome<void> check_structure(std::string_view document) {
  unsigned depth = 0;
  for (auto at = document.find('<'); at != document.npos; at = document.find('<', at)) {
    const auto tag = document.substr(at);
    if (tag.starts_with("<!"))
      return std::unexpected{
          Refusal{Error::invalid, "a '<!' at byte %zu: comments, CDATA and DOCTYPE are not read", at}};
    char quote = 0;
    std::size_t end = 1;
    for (; end < tag.size() && (quote != 0 || tag[end] != '>'); ++end) {
      if (tag[end] == '<') return std::unexpected{Refusal{Error::invalid, "a '<' in the tag at byte %zu", at}};
      if (quote == 0 && (tag[end] == '"' || tag[end] == '\'')) quote = tag[end];
      else if (tag[end] == quote) quote = 0;
    }
    if (end == tag.size()) return std::unexpected{Refusal{Error::invalid, "the tag at byte %zu has no end", at}};
    if (tag.starts_with("</")) depth -= depth > 0;
    else if (!tag.starts_with("<?") && tag[end - 1] != '/' && ++depth > depth_max)
      return std::unexpected{
          Refusal{Error::invalid, "elements are nested more than %u deep at byte %zu", depth_max, at}};
    at += end;
  }
  return {};
}

}  // namespace me::ui
