#include "so3/guest/vbus/path.hpp"

#include <cstring>

#include "so3/guest/decimal.hpp"

namespace vbus {

void Path::append(std::string_view text) {
  const std::size_t n = text.size() < sizeof text_ - size_ ? text.size() : sizeof text_ - size_;
  std::memcpy(text_ + size_, text.data(), n);
  size_ += n;
}

Path Path::operator/(std::string_view component) const {
  Path path = *this;
  path.append("/");
  path.append(component);
  return path;
}

Path Path::operator/(std::uint32_t number) const {
  const guest::Decimal digits{number};
  return *this / digits;
}

Path device_path(std::uint32_t slot, std::string_view type, std::uint32_t instance) {
  return Path{"device"} / slot / type / instance;
}

Path backend_path(std::uint32_t slot, std::string_view type, std::uint32_t instance) {
  return Path{"backend"} / type / slot / instance;
}

}  // namespace vbus
