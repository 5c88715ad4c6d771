// What each verb asks of a smart object that is up, as JSON in and out.
#pragma once
#include <nlohmann/json.hpp>

#include "engine/smart_object.hpp"
#include "tools/me/supervisor/links.hpp"

namespace me {

// {"verb": "inject", "file": "/…/a.itb"} -> {"value": {…}} or {"error": {…}}. Any JSON is answered.
[[nodiscard]] nlohmann::json answer(engine::SmartObject& so, Links& links, const nlohmann::json& request);

// What a request asks for; empty when it does not say so.
[[nodiscard]] std::string verb_of(const nlohmann::json& request);

// An event as `logs -f` and `console -f` get it; null for those that neither shows.
[[nodiscard]] nlohmann::json event_json(const engine::Event& event);

}  // namespace me
