#include "libme/shared_page.hpp"

#include <malloc.h>
#include <stdlib.h>

#include <array>
#include <cstring>
#include <optional>

#include "so3/abi/layout.hpp"
#include "so3/kernel/include/so3/mutex.hpp"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/include/so3/spinlock.hpp"

namespace me {
namespace {

struct Expected {
  std::uint64_t spid;
  PageLayout layout;
};

using Guard = so3::LockGuard<so3::Spinlock>;
so3::Spinlock lock;
std::uint64_t shown_pfn = 0;
PageLayout shown;
std::array<Expected, ME_EXPECTED_MAX> expected;
std::size_t expected_count = 0;

std::optional<PageLayout> find_expected(std::uint64_t spid) {
  const Guard guard{lock};
  for (std::size_t i = 0; i < expected_count; ++i)
    if (expected[i].spid == spid) return expected[i].layout;
  if (spid == get_spid()) return shown;
  return std::nullopt;
}

}  // namespace

PageLayout layout_of(std::uint64_t pfn) {
  const Guard guard{lock};
  return pfn != 0 && pfn == shown_pfn ? shown : PageLayout{};
}

void check_page(coop_t& initiator) {
  if (initiator.pfn == 0) return;
  const auto wanted = find_expected(initiator.spid);
  const PageLayout found{initiator.page_bytes, initiator.page_version};
  if (wanted && *wanted == found) return;
  const auto spid = static_cast<unsigned long long>(initiator.spid);
  if (wanted)
    printk(KERN_WARNING
           "cb_cooperate: the page of ME %u (species %016llx) is version %u, %u bytes; this ME expects "
           "version %u, %u bytes: not shown\n",
           initiator.slotID, spid, found.version, found.bytes, wanted->version, wanted->bytes);
  else
    printk(KERN_WARNING
           "cb_cooperate: the page of ME %u (species %016llx, version %u, %u bytes) is not shown: nothing "
           "was said with me_expect_page about that species\n",
           initiator.slotID, spid, found.version, found.bytes);
  initiator.pfn = 0;
}

}  // namespace me

void* me_alloc_page(void) {
  void* const page = memalign(abi::page_size, abi::page_size);
  if (page != nullptr) std::memset(page, 0, abi::page_size);
  return page;
}

void me_free_page(void* page) { free(page); }

int me_show_page(const void* page, uint32_t bytes, uint32_t version) {
  const auto address = reinterpret_cast<std::uintptr_t>(page);
  if (address % abi::page_size != 0) return ME_EINVAL;
  if (page != nullptr && (bytes == 0 || bytes > abi::page_size)) return ME_EINVAL;
  const me::Guard guard{me::lock};
  me::shown_pfn = address / abi::page_size;
  me::shown = page != nullptr ? me::PageLayout{bytes, version} : me::PageLayout{};
  return ME_OK;
}

int me_expect_page(uint64_t spid, uint32_t bytes, uint32_t version) {
  if (bytes > abi::page_size) return ME_EINVAL;
  const me::Guard guard{me::lock};
  for (std::size_t i = 0; i < me::expected_count; ++i) {
    if (me::expected[i].spid != spid) continue;
    me::expected[i].layout = {bytes, version};
    return ME_OK;
  }
  if (me::expected_count == me::expected.size()) return ME_ENOMEM;
  me::expected[me::expected_count++] = {spid, {bytes, version}};
  return ME_OK;
}
