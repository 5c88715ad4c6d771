// agency_ctl: what an ME asks of the agency. From a domcall it travels as domcall_request, from a thread as a vbstore
// message (vbstore.hpp, Type::agency_ctl).
#pragma once
#include <cstdint>

namespace abi {

// Payload words as in domcall_request (x2..x7). First word of every answer: Status.
enum class AgencyCtl : std::uint32_t {
  agency_upgrade = 0x10,
  inject_me = 0x11,
  kill_me = 0x12,             // 0 = victim slot
  cooperate = 0x13,           // 0 = target slot, 1 = own page IPA or 0, 2 = bytes used of it | version << 32
  local_cooperate = 0x14,     // the agency runs a cooperation with the caller as initiator; from threads only
  agency_uid = 0x20,          // answer: 1 = UID
  soo_name = 0x21,            // answer: 1, 2 = name
  check_devcaps_class = 0x30, // 0 = class (devcaps.hpp), 8 bits; answer: 1 = supported
  check_devcaps = 0x31,       // 0 = class, 1 = attributes, 24 bits; answer: 1 = all of them supported
  get_state = 0x40,           // 0 = slot; answer: 1 = State
};

}  // namespace abi
