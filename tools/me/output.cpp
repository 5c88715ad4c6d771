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

// Not told here: main() looks at what became of standard output.
void write_line(std::FILE* to, std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), to);
  std::fputc('\n', to);
  std::fflush(to);
}

}  // namespace

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
  write_line(stderr, "me: " + printable_lines(error.message));
  if (!error.remedy.empty()) write_line(stderr, "    " + printable_lines(error.remedy));
}

void print_guest_line(std::string_view line) {
  static const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  write_line(stdout, terminal ? printable(line) : line);
}

void remark(std::string_view line) { write_line(stderr, printable_lines(line)); }

}  // namespace me
