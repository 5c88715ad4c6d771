#include "so3/guest/vbus/path.hpp"

#include <charconv>
#include <cstring>

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
  char digits[10];
  return *this / std::string_view{digits, std::to_chars(digits, digits + sizeof digits, std::uint64_t{number}).ptr};
}

Path device_path(std::uint32_t slot, std::string_view type, std::uint32_t instance) {
  return Path{"device"} / slot / type / instance;
}

Path backend_path(std::uint32_t slot, std::string_view type, std::uint32_t instance) {
  return Path{"backend"} / type / slot / instance;
}

}  // namespace vbus
