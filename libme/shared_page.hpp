// Pages that MEs show each other in a cooperation: what is said about them, and what is checked.
#pragma once
#include <cstdint>

#include <me/me.h>

namespace me {

struct PageLayout {
  std::uint32_t bytes = 0, version = 0;
  friend constexpr bool operator==(PageLayout, PageLayout) = default;
};

// What me_show_page said of the page at this frame; nothing of another one.
PageLayout layout_of(std::uint64_t pfn);

// For a target: the initiator as its author may see it, without the page unless that is as expected.
void check_page(coop_t& initiator);

}  // namespace me
