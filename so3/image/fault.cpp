#include "so3/image/fault.hpp"

#include "so3/image/wording.hpp"

namespace image {
namespace {

constexpr std::string_view wording(Fault fault) {
  switch (fault) {
    case Fault::not_a_tree: return "%n is not one: it has no flattened device tree header (version 17)";
    case Fault::truncated: return "%n is truncated: its header says %l bytes, there are %f";
    case Fault::trailing_bytes: return "%n has %f bytes but ends at %l: bytes after the end are not accepted";
    case Fault::damaged: return "%n is damaged: its structure is not what dtc and mkimage write";
    case Fault::dirty_padding: return "%n is damaged: its padding is not zero";
    case Fault::not_aligned: return "%n must be in memory at a multiple of 8";
    case Fault::missing_node: return "%n is missing";
    case Fault::unknown_node: return "%n is not a known node";
    case Fault::missing_property: return "%p is missing in %n";
    case Fault::unknown_property: return "%p is not a known property of %n";
    case Fault::repeated: return "%p is there twice in %n";
    case Fault::property_size: return "%p of %n must have %l bytes; it has %f";
    case Fault::not_text: return "%p of %n must be one string of printable UTF-8";
    case Fault::wrong_value: return "%p of %n has a value that is not accepted (see docs/itb-format.md)";
    case Fault::wrong_hash_algorithm: return "algo of %n must be \"sha256\"";
    case Fault::wrong_hash: return "%n does not have the sha256 that is written beside it";
    case Fault::empty_data: return "%n has no data";
    case Fault::no_kernel: return "no image of type \"ME\": not a capsule";
    case Fault::no_fdt: return "no image \"fdt\" of type \"flat_dt\": a capsule carries its device tree";
    case Fault::fdt_too_big: return "%n has %f bytes; a device tree has at most %l";
    case Fault::wrong_address: return "%p of %n is %F; capsules run at %L only, leave it out";
    case Fault::not_a_capsule_image: return "%n was not linked as a capsule: no capsule header at its start";
    case Fault::header_disagrees: return "%p of %n is %F in the header of the image, %L outside it";
    case Fault::abi_mismatch: return "built for ABI %v, this side has %w: build it with the SDK of this version";
    case Fault::no_me_node: return "the device tree has no node /ME: #include <me.dtsi>";
    case Fault::spid_size: return "spid must be one 64-bit value, /bits/ 64 <0x...>; it has %f bytes, not 8";
    case Fault::spid_zero: return "spid must not be 0: it names the species";
    case Fault::spadcaps_size: return "spadcaps must be one to eight 64-bit values, /bits/ 64 <...>; it has %f bytes";
    case Fault::name_too_long: return "me_name has %f bytes; at most %l";
    case Fault::description_too_long: return "me_shortdesc has %f bytes; at most %l";
    case Fault::domain_size_not_pages: return "domain-size is %F; it must be a multiple of 4 KB, and not 0";
    case Fault::domain_size_too_small: return "domain-size %F is too small: this capsule needs at least %L";
    case Fault::domain_size_too_big: return "domain-size %F is too big: at most %L";
    case Fault::bad_compatible: return "compatible of frontend %n must be \"<type>,frontend\"";
    case Fault::bad_status: return "status of frontend %n must be \"ok\" or \"disabled\"";
    case Fault::too_many_frontends: return "more than %l frontends are enabled";
  }
  return "unknown fault";
}

}  // namespace

std::string_view message(const Error& e, std::span<char> out) {
  return fill(wording(e.fault), {e.node.view(), e.property.view(), e.found, e.limit}, out);
}

}  // namespace image
