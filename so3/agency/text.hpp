// Sentences for people: refusals, console lines, errors in the store.
#pragma once
#include <string>
#include <string_view>

namespace agency {

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...);

// What others wrote, where it ends up on somebody's terminal: UTF-8 without control characters, '?' in place of the rest.
std::string printable(std::string_view text);

// For "%.*s" of a string_view.
#define AGENCY_SV(view) static_cast<int>((view).size()), (view).data()

}  // namespace agency
