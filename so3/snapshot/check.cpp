#include "so3/snapshot/check.hpp"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <optional>
#include <span>

#include "so3/abi/lifecycle.hpp"
#include "so3/abi/shared_page.hpp"
#include "so3/abi/vbstore.hpp"
#include "so3/abi/version.hpp"
#include "so3/image/text.hpp"

namespace snapshot {
namespace {

using namespace abi::snapshot;

struct Field {
  std::string_view name;
  std::uint64_t offset;
};
#define FIELD(type, member) \
  Field { #member, offsetof(type, member) }

// Keeps the first thing that is wrong.
class Checks {
 public:
  Checks(std::string_view section, std::uint64_t offset) : section_{section}, offset_{offset} {}

  Checks& that(bool ok, Fault fault, Field field, std::uint64_t found = 0, std::uint64_t limit = 0) {
    if (!ok && !error_) error_ = Error{fault, section_, field.name, offset_ + field.offset, found, limit};
    return *this;
  }
  Checks& range(Field field, std::uint64_t value, std::uint64_t least, std::uint64_t most) {
    that(value >= least, Fault::too_small, field, value, least);
    return that(value <= most, Fault::too_big, field, value, most);
  }
  Checks& boolean(Field field, std::uint64_t value) { return range(field, value, 0, 1); }
  Checks& one_of(Field field, std::uint64_t value, std::initializer_list<std::uint64_t> values) {
    return that(std::ranges::find(values, value) != values.end(), Fault::no_such_value, field, value);
  }
  Checks& multiple(Field field, std::uint64_t value, std::uint64_t of) {
    return that(value % of == 0, Fault::not_a_multiple, field, value, of);
  }
  Checks& in_ram(Field field, std::uint64_t ipa, std::uint64_t size, std::uint64_t ram_size) {
    return that(ipa >= abi::ram_ipa && size <= ram_size && ipa - abi::ram_ipa <= ram_size - size, Fault::outside_ram,
                field, ipa, abi::ram_ipa + ram_size);
  }
  // NUL-padded, with at least one NUL.
  Checks& text(Field field, std::span<const char> bytes) {
    const auto end = std::ranges::find(bytes, '\0');
    const bool padded = end != bytes.end() && std::all_of(end, bytes.end(), [](char c) { return c == '\0'; });
    return that(padded && image::is_text({bytes.begin(), end}), Fault::not_text, field);
  }

  Checked result() const {
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  std::string_view section_;
  std::uint64_t offset_;
  std::optional<Error> error_;
};

constexpr std::uint64_t version_word(std::uint64_t major, std::uint64_t minor) { return major << 16 | minor; }

}  // namespace

Checked check(const Header& h, std::uint64_t offset) {
  return Checks("header", offset)
      .that(h.magic == magic, Fault::not_a_snapshot, FIELD(Header, magic), h.magic, magic)
      .that(h.version_major == version_major && h.version_minor <= version_minor, Fault::version,
            FIELD(Header, version_major), version_word(h.version_major, h.version_minor),
            version_word(version_major, version_minor))
      .that(h.machine == machine_aarch64, Fault::machine, FIELD(Header, machine), h.machine, machine_aarch64)
      .that(h.page_size == abi::page_size, Fault::page_size, FIELD(Header, page_size), h.page_size, abi::page_size)
      .that(abi::runs_on(h.abi_version, abi::version), Fault::abi, FIELD(Header, abi_version), h.abi_version,
            abi::version)
      .text(FIELD(Header, soo_name), h.soo_name)
      .result();
}

Checked check(const Me& me, std::uint64_t offset) {
  Checks checks(name(SectionType::me), offset);
  checks.range(FIELD(Me, spid), me.spid, 1, ~std::uint64_t{0})
      .range(FIELD(Me, ram_size), me.ram_size, abi::ram_min, abi::ram_max)
      .multiple(FIELD(Me, ram_size), me.ram_size, abi::page_size)
      .range(FIELD(Me, pages), me.pages, 0, me.ram_size / abi::page_size)
      .range(FIELD(Me, dtb_size), me.dtb_size, 1, me.ram_size)
      .in_ram(FIELD(Me, dtb_ipa), me.dtb_ipa, me.dtb_size, me.ram_size);
  if (me.ramfs_size == 0) {
    checks.range(FIELD(Me, ramfs_ipa), me.ramfs_ipa, 0, 0);
  } else {
    checks.in_ram(FIELD(Me, ramfs_ipa), me.ramfs_ipa, me.ramfs_size, me.ram_size);
  }
  return checks.range(FIELD(Me, slot), me.slot, abi::first_me_slot, abi::max_domains - 1)
      .one_of(FIELD(Me, state), me.state,
              {static_cast<std::uint64_t>(abi::State::suspended), static_cast<std::uint64_t>(abi::State::dormant)})
      .boolean(FIELD(Me, cooperates), me.cooperates)
      .boolean(FIELD(Me, exclusive_cpu), me.exclusive_cpu)
      .text(FIELD(Me, name), me.name)
      .that(me.name[0] != '\0', Fault::not_text, FIELD(Me, name))
      .result();
}

Checked check(const Vcpu& vcpu, std::uint64_t offset) {
  // PSTATE.M (Arm ARM C5.2.18, SPSR): the flags above it are harmless in any combination.
  constexpr std::uint64_t mode = 0x1f, el0t = 0, el1t = 4, el1h = 5;
  return Checks(name(SectionType::vcpu), offset)
      .that(vcpu.pstate >> 32 == 0, Fault::too_big, FIELD(Vcpu, pstate), vcpu.pstate, 0xffff'ffff)
      .that((vcpu.pstate & mode) == el0t || (vcpu.pstate & mode) == el1t || (vcpu.pstate & mode) == el1h,
            Fault::no_such_value, FIELD(Vcpu, pstate), vcpu.pstate)
      .range(FIELD(Vcpu, counter_hz), vcpu.counter_hz, 1, 0xffff'ffff)
      .boolean(FIELD(Vcpu, domcall_registered), vcpu.domcall_registered)
      .boolean(FIELD(Vcpu, waiting), vcpu.waiting)
      .result();
}

Checked check(const Event& event, std::uint64_t offset) {
  return Checks(name(SectionType::events), offset)
      .range(FIELD(Event, port), event.port, 1, abi::events_me - 1)
      .range(FIELD(Event, kind), event.kind, 1, 4)
      .range(FIELD(Event, remote_slot), event.remote_slot, 0, abi::max_domains - 1)
      .range(FIELD(Event, remote_port), event.remote_port, 0, abi::events_agency - 1)
      .result();
}

Checked check(const Grant& grant, std::uint64_t offset, std::uint64_t ram_size) {
  Checks checks(name(SectionType::grants), offset);
  if (grant.ipa != 0) {
    checks.multiple(FIELD(Grant, ipa), grant.ipa, abi::page_size)
        .in_ram(FIELD(Grant, ipa), grant.ipa, abi::page_size, ram_size);
  }
  return checks.range(FIELD(Grant, reference), grant.reference, 0, grants_max - 1)
      .range(FIELD(Grant, remote_slot), grant.remote_slot, 0, abi::max_domains - 1)
      .boolean(FIELD(Grant, read_only), grant.read_only)
      .result();
}

Checked check(const StoreEntry& entry, std::uint64_t offset) {
  return Checks(name(SectionType::store), offset)
      .range(FIELD(StoreEntry, path_length), entry.path_length, 1, abi::vbstore::path_max)
      .range(FIELD(StoreEntry, value_length), entry.value_length, 0, abi::vbstore::value_max)
      .result();
}

Checked check_path(std::string_view path, std::uint64_t offset) {
  const auto below = [](std::string_view rest) {
    return rest.starts_with("@") && (rest.size() == 1 || rest[1] == '/');
  };
  const auto after = [&](std::string_view top) { return path.starts_with(top) ? path.substr(top.size()) : ""; };
  const std::string_view backend = after("backend/");
  const bool own = below(after("device/")) || below(after("soo/me/")) ||
                   (backend.contains('/') && below(backend.substr(backend.find('/') + 1)));
  return Checks(name(SectionType::store), offset)
      .that(own && abi::vbstore::is_path(path), Fault::bad_path, {"path", 0})
      .result();
}

Checked check_page(std::uint64_t ipa, std::uint64_t offset, std::uint64_t ram_size) {
  return Checks(name(SectionType::pages), offset)
      .multiple(FIELD(Page, ipa), ipa, abi::page_size)
      .in_ram(FIELD(Page, ipa), ipa, abi::page_size, ram_size)
      .result();
}

}  // namespace snapshot
