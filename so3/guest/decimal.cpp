#include "so3/guest/decimal.hpp"

#include <charconv>

namespace guest {

Decimal::Decimal(std::uint64_t number)
    : size_{static_cast<std::size_t>(std::to_chars(text_, text_ + sizeof text_, number).ptr - text_)} {}

}  // namespace guest
