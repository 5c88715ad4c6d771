#include "tools/manual/manual.hpp"

#include <fmt/format.h>

#include "tools/manual/lifecycle.hpp"
#include "tools/manual/page.hpp"
#include "tools/manual/sequences.hpp"

namespace manual {

std::expected<std::map<std::string, std::string>, std::string> generate(const std::string& page) {
  std::map<std::string, std::string> files;
  const auto states = state_diagram();
  if (!states) return std::unexpected(states.error());
  files["lifecycle/states.svg"] = to_svg(*states);
  for (const auto& sequence : abi::sequence::all)
    files[fmt::format("lifecycle/{}.svg", sequence.name)] = to_svg(sequence_diagram(sequence));
  const auto with_states = with_part(page, "transitions", transition_table());
  if (!with_states) return std::unexpected("lifecycle.md: " + with_states.error());
  const auto whole = with_part(*with_states, "sequences", sequence_table());
  if (!whole) return std::unexpected("lifecycle.md: " + whole.error());
  files["lifecycle.md"] = *whole;
  return files;
}

}  // namespace manual
