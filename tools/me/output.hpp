// What `me` says: text or JSON on standard output, everything else on standard error.
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/error.hpp"
#include "tools/me/printable.hpp"

namespace me {

using engine::Errc;
using engine::Error;
using engine::Result;
using nlohmann::json;

enum class Colour { plain, dim, good, bad, name };

// One line of JSON; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string to_text(const json& value);
// Coloured only when standard output is a terminal and NO_COLOR is not set.
[[nodiscard]] std::string paint(Colour colour, std::string_view text);
// "84,213"
[[nodiscard]] std::string with_commas(std::uint64_t number);

void print_line(std::string_view line);
// What a guest has said: harmless on a terminal, byte by byte as it was elsewhere.
void print_guest_line(std::string_view line);
void print_json(const json& value);
void print_error(const Error& error);
// Progress, remarks and what tools say, on standard error. Errors and remarks are always printable.
void remark(std::string_view line);

}  // namespace me
