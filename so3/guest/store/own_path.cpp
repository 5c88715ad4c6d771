#include "so3/guest/store/own_path.hpp"

#include "so3/guest/decimal.hpp"

namespace guest {
namespace {

// The component of `path` that is a slot; empty if it has none.
std::string_view slot_component(std::string_view path) {
  constexpr std::string_view device{"device/"}, identity{"soo/me/"}, backend{"backend/"};
  std::size_t at = 0;
  if (path.starts_with(device)) at = device.size();
  else if (path.starts_with(identity)) at = identity.size();
  else if (path.starts_with(backend)) at = path.find('/', backend.size()) + 1;  // 0 when there is none
  return at == 0 ? std::string_view{} : path.substr(at, path.substr(at).find('/'));
}

}  // namespace

MovedPath::MovedPath(std::string_view path, Move move) : view_{path} {
  const std::string_view slot = slot_component(path);
  const Decimal from{move.from}, to{move.to};
  if (slot != from || path.size() - slot.size() + to.size() > abi::vbstore::path_max) return;
  const auto before = static_cast<std::size_t>(slot.data() - path.data());
  std::size_t size = 0;
  for (const std::string_view part : {path.substr(0, before), std::string_view{to}, path.substr(before + slot.size())})
    size += part.copy(text_ + size, part.size());
  view_ = {text_, size};
}

}  // namespace guest
