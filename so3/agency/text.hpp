// Sentences for people: refusals, console lines, errors in the store.
#pragma once
#include <string>

namespace agency {

[[gnu::format(printf, 1, 2)]] std::string text(const char* format, ...);

// For "%.*s" of a string_view.
#define AGENCY_SV(view) static_cast<int>((view).size()), (view).data()

}  // namespace agency
