#include "tests/unit/libme/me_node.hpp"

#include <gtest/gtest.h>
#include <libfdt.h>

#include "so3/kernel/shared.hpp"

namespace {

void values(void* fdt, const char* name, const std::vector<std::uint64_t>& all) {
  std::vector<fdt64_t> big;
  for (const auto v : all) big.push_back(cpu_to_fdt64(v));
  EXPECT_EQ(fdt_property(fdt, name, big.data(), static_cast<int>(8 * big.size())), 0);
}

}  // namespace

MeTreeBlob::MeTreeBlob(const MeNode& node) : words_(1024) {
  void* const fdt = words_.data();
  EXPECT_EQ(fdt_create(fdt, static_cast<int>(8 * words_.size())), 0);
  fdt_finish_reservemap(fdt);
  fdt_begin_node(fdt, "");
  fdt_begin_node(fdt, "ME");
  if (!node.spid.empty()) values(fdt, "spid", node.spid);
  if (!node.spadcaps.empty()) values(fdt, "spadcaps", node.spadcaps);
  fdt_property_string(fdt, "me_name", node.name.c_str());
  fdt_property_string(fdt, "me_shortdesc", node.description.c_str());
  fdt_property_u32(fdt, "domain-size", 1 << 20);
  if (node.cooperate) fdt_property(fdt, "cooperate", nullptr, 0);
  fdt_begin_node(fdt, "frontends");
  for (const auto& type : node.frontends) {
    fdt_begin_node(fdt, type.c_str());
    fdt_property_string(fdt, "compatible", (type + ",frontend").c_str());
    fdt_property_string(fdt, "status", "ok");
    fdt_end_node(fdt);
  }
  fdt_end_node(fdt);
  fdt_end_node(fdt);
  fdt_end_node(fdt);
  EXPECT_EQ(fdt_finish(fdt), 0);
  EXPECT_EQ(fdt_pack(fdt), 0);  // as dtc lays it out
  size_ = fdt_totalsize(fdt);
}

void MeTreeBlob::publish() const {
  kernel::shared().dtb_ipa = reinterpret_cast<std::uintptr_t>(words_.data());
  kernel::shared().dtb_size = size_;
}
