#include "tools/me/output.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace me {
namespace {

bool colours() {
  static const bool on = ::isatty(STDOUT_FILENO) == 1 && !std::getenv("NO_COLOR");
  return on;
}

void write_line(std::FILE* to, std::string_view line) {
  fmt::print(to, "{}\n", line);
  std::fflush(to);
}

}  // namespace

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte < 0x20 && c != '\t') || byte == 0x7f) out += fmt::format("\\x{:02x}", byte);
    else out += c;
  }
  return out;
}

std::string to_text(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

std::string paint(Colour colour, std::string_view text) {
  constexpr const char* codes[] = {"0", "2", "32", "31", "36"};
  if (!colours() || colour == Colour::plain) return std::string(text);
  return fmt::format("\x1b[{}m{}\x1b[0m", codes[static_cast<int>(colour)], text);
}

std::string with_commas(std::uint64_t number) {
  auto text = fmt::format("{}", number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > 0; at -= 3)
    text.insert(static_cast<std::size_t>(at), 1, ',');
  return text;
}

void print_line(std::string_view line) { write_line(stdout, line); }
void print_json(const json& value) { write_line(stdout, value.dump(2, ' ', false, json::error_handler_t::replace)); }

void print_error(const Error& error) {
  write_line(stderr, "me: " + error.message);
  if (!error.remedy.empty()) write_line(stderr, "    " + error.remedy);
}

void remark(std::string_view line) { write_line(stderr, line); }

}  // namespace me
