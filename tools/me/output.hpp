// What `me` says: text or JSON on standard output, everything else on standard error.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/error.hpp"

namespace me {

using engine::Errc;
using engine::Error;
using engine::Result;
using nlohmann::json;

enum class Colour { plain, dim, good, bad, name };

// Text from a guest for a terminal: control characters become \xNN, so that it cannot move the cursor.
[[nodiscard]] std::string printable(std::string_view text);
// One line of JSON; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string to_text(const json& value);
// Coloured only when standard output is a terminal and NO_COLOR is not set.
[[nodiscard]] std::string paint(Colour colour, std::string_view text);
// "84,213"
[[nodiscard]] std::string with_commas(std::uint64_t number);

void print_line(std::string_view line);
void print_json(const json& value);
void print_error(const Error& error);
// Progress and remarks, on standard error.
void remark(std::string_view line);

}  // namespace me
