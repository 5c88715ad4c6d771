#include "so3/image/me_tree.hpp"

#include <algorithm>

#include "so3/abi/layout.hpp"

namespace image {
namespace {

constexpr std::string_view me_path = "/ME";
constexpr std::string_view frontend_suffix = ",frontend";

std::unexpected<Error> fail(Fault f, std::string_view property, std::uint64_t found = 0, std::uint64_t limit = 0) {
  return std::unexpected(Error{f, me_path, property, found, limit});
}

std::expected<void, Error> read_identity(MeTree& me, Bytes spid, Bytes spadcaps, Bytes name, Bytes description) {
  if (spid.size() != 8) return fail(Fault::spid_size, "spid", spid.size());
  me.spid = big_endian_64(spid);
  if (me.spid == 0) return fail(Fault::spid_zero, "spid");

  if (spadcaps.empty() || spadcaps.size() % 8 != 0 || spadcaps.size() > 8 * spadcaps_max) {
    return fail(Fault::spadcaps_size, "spadcaps", spadcaps.size());
  }
  me.spadcaps_count = spadcaps.size() / 8;
  for (std::size_t i = 0; i < me.spadcaps_count; ++i) me.spadcaps[i] = big_endian_64(spadcaps.subspan(8 * i));

  const auto name_text = text(name, me_path, "me_name");
  if (!name_text) return std::unexpected(name_text.error());
  if (name_text->empty()) return fail(Fault::not_text, "me_name");
  if (name_text->size() > name_max) return fail(Fault::name_too_long, "me_name", name_text->size(), name_max);
  me.name = *name_text;

  const auto description_text = text(description, me_path, "me_shortdesc", "\t\n");
  if (!description_text) return std::unexpected(description_text.error());
  if (description_text->size() > description_max) {
    return fail(Fault::description_too_long, "me_shortdesc", description_text->size(), description_max);
  }
  me.description = *description_text;
  return {};
}

std::expected<void, Error> read_size(MeTree& me, Bytes size) {
  if (size.size() != 4) return fail(Fault::property_size, "domain-size", size.size(), 4);
  me.domain_size = big_endian_32(size);
  if (me.domain_size == 0 || !abi::page_aligned(me.domain_size)) {
    return fail(Fault::domain_size_not_pages, "domain-size", me.domain_size);
  }
  if (me.domain_size < abi::ram_min) {
    return fail(Fault::domain_size_too_small, "domain-size", me.domain_size, abi::ram_min);
  }
  static_assert(abi::ram_max > UINT32_MAX, "one cell cannot exceed the limit");
  return {};
}

std::expected<bool, Error> read_flag(Bytes value, std::string_view property) {
  if (!value.empty()) return fail(Fault::property_size, property, value.size(), 0);
  return value.data() != nullptr;
}

std::expected<void, Error> read_frontend(MeTree& me, Node node) {
  Bytes compatible, status;
  const auto name = node.name();
  if (auto ok = read(node, name, {{"compatible", &compatible, true}, {"status", &status, true}}); !ok) return ok;
  if (Node child = node.first_child()) return std::unexpected(Error{Fault::unknown_node, child.name()});
  const auto fault = [&](Fault f, std::string_view property) {
    return std::unexpected(Error{f, name, property, 0, frontends_max});
  };

  const auto type = text(compatible, name, "compatible");
  if (!type || !type->ends_with(frontend_suffix) || type->size() == frontend_suffix.size()) {
    return fault(Fault::bad_compatible, "compatible");
  }
  const auto state = text(status, name, "status");
  if (!state || (*state != "ok" && *state != "okay" && *state != "disabled")) return fault(Fault::bad_status, "status");
  if (*state == "disabled") return {};
  if (me.frontend_count == frontends_max) return fault(Fault::too_many_frontends, "status");
  me.frontends[me.frontend_count++] = type->substr(0, type->size() - frontend_suffix.size());
  return {};
}

std::expected<void, Error> read_frontends(MeTree& me, Node list) {
  if (auto ok = read(list, "/ME/frontends", {}); !ok) return ok;
  for (Node node = list.first_child(); node; node = node.next_sibling()) {
    if (auto ok = read_frontend(me, node); !ok) return ok;
  }
  return {};
}

}  // namespace

std::expected<MeTree, Error> parse_me_tree(Bytes dtb) {
  const auto tree = Tree::open(dtb, "the device tree");
  if (!tree) return std::unexpected(tree.error());

  Bytes model, root_compatible;
  const auto root_ok = read(tree->root(), "/", {{"model", &model, false}, {"compatible", &root_compatible, false}});
  if (!root_ok) return std::unexpected(root_ok.error());
  Node node = tree->root().child("ME");
  if (!node) return std::unexpected(Error{Fault::no_me_node, "/"});
  for (Node other = tree->root().first_child(); other; other = other.next_sibling()) {
    if (other.name() != "ME") return std::unexpected(Error{Fault::unknown_node, other.name()});
  }

  Bytes spid, spadcaps, name, description, size, cooperate, exclusive;
  const auto ok = read(node, me_path,
                       {{"spid", &spid, true},
                        {"spadcaps", &spadcaps, true},
                        {"me_name", &name, true},
                        {"me_shortdesc", &description, true},
                        {"domain-size", &size, true},
                        {"cooperate", &cooperate, false},
                        {"exclusive-cpu", &exclusive, false}});
  if (!ok) return std::unexpected(ok.error());

  MeTree me;
  if (auto r = read_identity(me, spid, spadcaps, name, description); !r) return std::unexpected(r.error());
  if (auto r = read_size(me, size); !r) return std::unexpected(r.error());
  const auto willing = read_flag(cooperate, "cooperate");
  if (!willing) return std::unexpected(willing.error());
  const auto alone = read_flag(exclusive, "exclusive-cpu");
  if (!alone) return std::unexpected(alone.error());
  me.cooperate = *willing;
  me.exclusive_cpu = *alone;

  for (Node child = node.first_child(); child; child = child.next_sibling()) {
    if (child.name() != "frontends") return std::unexpected(Error{Fault::unknown_node, child.name()});
    if (auto r = read_frontends(me, child); !r) return std::unexpected(r.error());
  }
  return me;
}

}  // namespace image
