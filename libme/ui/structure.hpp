// What is looked at before a document is parsed.
#pragma once
#include "me/ui.hpp"

namespace me::ui {

// The parser calls itself for each element in an element, on the stack of a thread: refuses more than depth_max, and what
// could hide elements from this count (comments, CDATA, declarations of types: no document of a tablet has them).
Outcome<void> check_structure(std::string_view document);

}  // namespace me::ui
