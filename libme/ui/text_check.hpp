// What may stand in an XML document: UTF-8, and of the control characters tab, line feed and carriage return (XML 1.0,
// 2.2 Characters).
#pragma once
#include "me/ui.hpp"

namespace me::ui {

// `what` names the text in the refusal.
Outcome<void> check_text(const char* what, std::string_view text);

}  // namespace me::ui
