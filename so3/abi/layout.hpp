// The address space of a domain, the same on every board: intermediate physical address (IPA) = virtual address.
//
//   base + 0x0000'0000   shared page      avz <-> domain (shared_page.hpp)
//   base + 0x0000'1000   store page       agency <-> domain (vbstore.hpp); absent in the agency itself
//   base + 0x0001'0000   grant window     where a domain maps pages that others granted to it
//   base + 0x0020'0000   RAM              image first, device tree and ramfs at its end; never relocated
//
// Base is 64 GB: far from where boards have RAM, so that a debugger never mistakes a guest symbol for avz,
// and one level-2 table reaches shared page, window and the first gigabyte of RAM.
// The agency has the same map and, besides, devices at their physical addresses and the shared window.
#pragma once
#include <cstddef>
#include <cstdint>

namespace abi {

inline constexpr std::size_t page_size = 4096;
inline constexpr std::uint64_t domain_base = 0x10'0000'0000;
inline constexpr std::uint64_t shared_page_ipa = domain_base;
inline constexpr std::uint64_t store_page_ipa = domain_base + page_size;
inline constexpr std::uint64_t grant_window_ipa = domain_base + 0x1'0000;
inline constexpr std::size_t grant_window_pages = 0x1f0;  // up to ram_ipa, of an ME
// The last page of it: where a cooperation target sees the initiator's page, while cb_cooperate runs (page_lend).
inline constexpr std::uint64_t lent_page_ipa = grant_window_ipa + (grant_window_pages - 1) * page_size;
inline constexpr std::uint64_t ram_ipa = domain_base + 0x20'0000;

inline constexpr std::uint64_t ram_min = 256 * 1024;
inline constexpr std::uint64_t ram_max = std::uint64_t{4} << 30;

// Agency only. Its grant window is larger: every ring of every ME is mapped there.
inline constexpr std::uint64_t agency_grant_window_ipa = 0x18'0000'0000;
inline constexpr std::size_t agency_grant_window_pages = 16 * 1024;
// Memory shared with the engine on the host (link.hpp). Everything in it is untrusted.
inline constexpr std::uint64_t host_window_ipa = 0x20'0000'0000;

static_assert(grant_window_ipa + grant_window_pages * page_size == ram_ipa);

constexpr bool page_aligned(std::uint64_t v) { return v % page_size == 0; }

// Slots: 0 is the agency, 1 is kept free (a real-time agency elsewhere), MEs start at 2.
// One number everywhere: slot = domain id. The bound is what one event-channel table of the agency serves; of those
// MEs, 250 can be there at a time, with VMIDs of 8 bits.
inline constexpr std::uint32_t agency_domain = 0;
inline constexpr std::uint32_t first_me_slot = 2;
inline constexpr std::uint32_t max_domains = 258;  // 256 MEs

}  // namespace abi
