// Numbers of records in words.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace engine::trace {

[[nodiscard]] std::string_view call_name(std::uint32_t number);
[[nodiscard]] std::string_view outcome_name(std::uint32_t outcome);
// Of a callback's record: link::Callback's number and kind.
[[nodiscard]] std::string_view callback_name(std::uint32_t number);
// " as target", " alone"; nothing for other callbacks.
[[nodiscard]] std::string cooperation_detail(std::uint32_t number, std::uint64_t detail);
[[nodiscard]] std::string_view sender_name(std::uint32_t state);
[[nodiscard]] std::string_view receiver_name(std::uint32_t state);
// The last state of a transfer on this side.
[[nodiscard]] bool ends(bool incoming, std::uint32_t state);

}  // namespace engine::trace
