#include "libme/identity.hpp"

#include <me/me.h>

#include <algorithm>
#include <array>
#include <atomic>

#include "so3/guest/hypercall.hpp"
#include "so3/kernel/include/so3/panic.h"
#include "so3/kernel/include/so3/printk.h"
#include "so3/kernel/shared.hpp"

static_assert(ME_NAME_MAX == image::name_max && ME_SHORTDESC_MAX == image::description_max);
static_assert(ME_SPADCAPS_MAX == image::spadcaps_max);

namespace me {
namespace {

image::MeTree tree;
std::atomic<bool> cooperates = false;

}  // namespace

void read_identity() {
  const auto& shared = kernel::shared();
  const auto* const dtb = reinterpret_cast<const std::byte*>(static_cast<std::uintptr_t>(shared.dtb_ipa));
  const auto parsed = image::parse_me_tree({dtb, static_cast<std::size_t>(shared.dtb_size)});
  if (!parsed) {
    std::array<char, 256> text;
    const auto message = image::message(parsed.error(), text);
    panic("device tree of this ME: %.*s", static_cast<int>(message.size()), message.data());
  }
  tree = *parsed;
  cooperates = tree.cooperate;
}

const image::MeTree& identity() { return tree; }

void publish_identity() {
  if (!hypercall::identity(tree.spid, tree.spadcaps[0], cooperates))
    printk(KERN_ERR "SPAD: avz refused the identity of this ME\n");
}

}  // namespace me

uint64_t get_spid(void) { return me::tree.spid; }
// The tree's strings end with a NUL, which its reader has checked.
const char* get_me_name(void) { return me::tree.name.data(); }
const char* get_me_shortdesc(void) { return me::tree.description.data(); }

unsigned get_spadcaps(uint64_t* masks, unsigned max) {
  const auto all = me::tree.capabilities();
  std::ranges::copy(all.first(std::min<std::size_t>(max, all.size())), masks);
  return static_cast<unsigned>(all.size());
}

void spad_enable_cooperate(void) {
  me::cooperates = true;
  me::publish_identity();
}

void spad_disable_cooperate(void) {
  me::cooperates = false;
  me::publish_identity();
}

void spad_reset(void) {
  me::cooperates = me::tree.cooperate;
  me::publish_identity();
}

uint32_t ME_domID(void) { return kernel::read_shared(kernel::shared().slot); }

const ME_desc_t* get_ME_desc(void) {
  static ME_desc_t desc;
  const auto& shared = kernel::shared();
  desc = {.slotID = ME_domID(),
          .state = static_cast<ME_state_t>(get_ME_state()),
          .size = shared.ram_size,
          .pfn = abi::ram_ipa / abi::page_size,
          .spid = get_spid(),
          .spad = {.valid = me::cooperates, .spadcaps = me::tree.spadcaps[0]}};
  return &desc;
}

void print_ME_desc(void) {
  const ME_desc_t desc = *get_ME_desc();
  printk("ME %u %s: %s, spid %016llx, spadcaps %016llx, %s, %llu KB\n%s\n", desc.slotID, get_me_name(),
         get_ME_state_name(desc.state), static_cast<unsigned long long>(desc.spid),
         static_cast<unsigned long long>(desc.spad.spadcaps), desc.spad.valid ? "cooperates" : "does not cooperate",
         static_cast<unsigned long long>(desc.size / 1024), get_me_shortdesc());
}
