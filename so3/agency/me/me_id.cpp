#include "so3/agency/me/me_id.hpp"

#include <charconv>

#include "so3/agency/text.hpp"
#include "so3/guest/hypercall.hpp"

namespace agency {

std::optional<std::string> MeList::entry(std::uint32_t slot, const char* key) const {
  const auto path = text("soo/me/%u/%s", slot, key);
  const auto value = store_->read(*StorePath::parse(path));
  if (!value) return std::nullopt;
  return std::string{value->substr(0, value->find('\0'))};
}

std::optional<std::uint64_t> MeList::number(std::uint32_t slot, const char* key) const {
  const auto hex = entry(slot, key);
  if (!hex) return std::nullopt;
  const auto* const end = hex->data() + hex->size();
  std::uint64_t value = 0;
  const auto [at, error] = std::from_chars(hex->data(), end, value, 16);
  if (error != std::errc{} || at != end) return std::nullopt;
  return value;
}

std::optional<MeId> MeList::get_ME_id(std::uint32_t slot) const {
  if (!residents_->find(slot)) return std::nullopt;
  const auto info = hypercall::domain_info(slot);
  if (!info || info->state == abi::State::dead) return std::nullopt;
  const auto spid = number(slot, "spid"), spadcaps = number(slot, "spadcaps");
  auto name = entry(slot, "name"), shortdesc = entry(slot, "shortdesc");
  if (!spid || !spadcaps || !name || !shortdesc)
    return MeId{.slot = slot, .state = info->state, .name = {}, .shortdesc = {}};
  if (name->size() > me_name_max) name->resize(me_name_max);
  return MeId{slot, info->state, *spid, *spadcaps, std::move(*name), std::move(*shortdesc)};
}

std::vector<MeId> MeList::get_ME_id_array(std::uint32_t first, std::size_t most) const {
  std::vector<MeId> ids;
  const auto& all = residents_->all();
  for (auto at = all.lower_bound(first); at != all.end() && ids.size() < most; ++at)
    if (auto id = get_ME_id(at->first)) ids.push_back(std::move(*id));
  return ids;
}

}  // namespace agency
