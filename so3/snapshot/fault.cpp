#include "so3/snapshot/fault.hpp"

#include "so3/image/wording.hpp"

namespace snapshot {
namespace {

constexpr std::string_view wording(Fault fault) {
  switch (fault) {
    case Fault::not_a_snapshot: return "not a snapshot: it begins with %F, a snapshot with %L";
    case Fault::version: return "a snapshot of version %v; this side reads 1.0 to %w: use a release that knows it";
    case Fault::machine: return "taken on a machine with ELF number %f; this one has %l";
    case Fault::page_size: return "taken with pages of %f bytes; here they have %l";
    case Fault::abi: return "taken by a smart object with ABI %v, this one has %w: use a release that knows it";
    case Fault::truncated:
      return "the snapshot is cut off at byte %o, within its %n: %l bytes were to come there, %f did";
    case Fault::trailing_bytes: return "the snapshot ends at byte %o: bytes after the end are not accepted";
    case Fault::length: return "the snapshot says that it has %f bytes; it has %l";
    case Fault::digest: return "the snapshot is damaged: the digest at byte %o is not that of the bytes before";
    case Fault::no_memory: return "no memory to note which pages came: %f bytes for an ME of %l";
    case Fault::stopped: return "stopped at byte %o, in the %n: the receiver does not take more";
    case Fault::unknown_section: return "the section at byte %o is of type %f; this version has types 1 to %l";
    case Fault::misplaced: return "the %n section at byte %o comes twice or out of order";
    case Fault::missing_section: return "the %n section is missing: it must come before byte %o";
    case Fault::section_length: return "the %n section at byte %o has %f bytes; it must have %l";
    case Fault::not_entries: return "the %n section at byte %o has %f bytes, which are not whole entries of %l";
    case Fault::empty_section: return "the %n section at byte %o is empty";
    case Fault::too_many: return "the %n section at byte %o has %f entries; at most %l";
    case Fault::not_zero: return "%p in the %n at byte %o is %F; it must be 0";
    case Fault::too_small: return "%p in the %n at byte %o is %F; at least %L";
    case Fault::too_big: return "%p in the %n at byte %o is %F; at most %L";
    case Fault::not_a_multiple: return "%p in the %n at byte %o is %F; it must be a multiple of %L";
    case Fault::no_such_value: return "%p in the %n at byte %o is %F, which is none of its values";
    case Fault::outside_ram: return "%p in the %n at byte %o is %F, outside the ME's RAM, which ends at %L";
    case Fault::not_text: return "%p in the %n at byte %o must be printable UTF-8, then NULs";
    case Fault::bad_path:
      return "path in the %n at byte %o is none that an ME has (device/@, backend/<type>/@, soo/me/@)";
    case Fault::repeated: return "%p in the %n at byte %o is %F, which was there before";
    case Fault::page_count: return "the snapshot announces %l pages; at byte %o there are %f";
  }
  return "unknown fault";
}

}  // namespace

std::string_view message(const Error& e, std::span<char> out) {
  return image::fill(wording(e.fault), {e.section, e.field, e.found, e.limit, e.offset}, out);
}

}  // namespace snapshot
