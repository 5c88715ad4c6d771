// The list of MEs with what each says that it is: the entries in soo/me/<slot> (M9).
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "so3/abi/layout.hpp"
#include "so3/abi/lifecycle.hpp"
#include "so3/agency/me/residents.hpp"
#include "so3/agency/store/store.hpp"

namespace agency {

inline constexpr std::size_t me_name_max = 39;  // bytes; what an ME wrote beyond them is cut off
inline constexpr std::size_t me_description_max = abi::vbstore::value_max;

// The ME wrote the texts: any bytes but NUL.
struct MeId {
  std::uint32_t slot = 0;
  abi::State state = abi::State::dead;
  std::uint64_t spid = 0, spadcaps = 0;
  std::string name, shortdesc;
};

class MeList {
 public:
  MeList(const Residents& residents, Store& store) : residents_{&residents}, store_{&store} {}

  // Nothing: the slot is empty. While the ME lacks one of its four entries, or a number is none, it has slot and state.
  std::optional<MeId> get_ME_id(std::uint32_t slot) const;
  // In the order of their slots, from `first` on, at most `most`.
  std::vector<MeId> get_ME_id_array(std::uint32_t first = abi::first_me_slot,
                                    std::size_t most = abi::max_domains) const;

 private:
  std::optional<std::string> entry(std::uint32_t slot, const char* key) const;
  std::optional<std::uint64_t> number(std::uint32_t slot, const char* key) const;

  const Residents* residents_;
  Store* store_;
};

}  // namespace agency
