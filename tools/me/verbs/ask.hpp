// A verb that is one request to a smart object and one thing to say.
#pragma once
#include <functional>
#include <string>

#include "tools/me/supervisor/client.hpp"
#include "tools/me/verb.hpp"

namespace me {

[[nodiscard]] Result<json> ask(const std::string& on, const json& request);
// What the answer is on stdout: JSON, or `text` of it. A refusal is passed on.
[[nodiscard]] Result<> say(const Context& context, const Result<json>& answer,
                           const std::function<std::string(const json&)>& text);

}  // namespace me
