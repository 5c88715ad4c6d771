// A snapshot: one ME as a stream of sections, the same on its way to a neighbour and (compressed) in a file.
//
//   Header, then sections in the order of SectionType: me, vcpu, shared_page, events, grants, store, pages..., end.
//   `events`, `grants` and `store` may be missing; `pages` may come many times, everything else comes once.
//   A section is a Section and `length` bytes, a multiple of 8; what does not fill it up is zero.
//   The end names how much there was and the digest (XXH3, 128 bits, canonical) of all bytes before the digest. It tells
//   damage, not malice: whoever could forge a snapshot could forge its digest.
//
// All integers little-endian. Readers refuse another major version and a larger minor one; a smaller minor one has
// fewer kinds of sections. Nothing may follow the end.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "so3/abi/layout.hpp"

namespace abi::snapshot {

inline constexpr std::uint64_t magic = 0x0070'616e'5333'4f53;  // "SO3Snap", NUL
inline constexpr std::uint16_t version_major = 1;
inline constexpr std::uint16_t version_minor = 1;  // 1.0 had no `store`
inline constexpr std::uint32_t machine_aarch64 = 183;  // as in ELF

inline constexpr std::uint32_t grants_max = 4096;
inline constexpr std::uint32_t store_entries_max = 1024;

enum class SectionType : std::uint32_t {
  me = 1,  // Me
  vcpu = 2,  // Vcpu
  shared_page = 3,  // the shared page (shared_page.hpp) as it was
  events = 4,  // Event[]
  grants = 5,  // Grant[]
  store = 6,  // StoreEntry[]: what the ME had in vbstore; since 1.1
  pages = 7,  // Page[]: any order, each page of RAM at most once; a page that is missing is zero
  end = 8,  // End
};
constexpr std::string_view name(SectionType t) {
  constexpr std::string_view names[] = {"?",      "me",      "vcpu",  "shared page", "events",
                                        "grants", "vbstore", "pages", "end"};
  const auto i = static_cast<std::uint32_t>(t);
  return i < sizeof names / sizeof names[0] ? names[i] : "unknown section";
}

struct Header {
  std::uint64_t magic;
  std::uint16_t version_major, version_minor;
  std::uint32_t machine;  // machine_aarch64
  std::uint32_t page_size;  // 4096
  std::uint32_t abi_version;  // of the smart object that took it
  std::uint64_t taken_ns;  // Unix time, 0 = unknown
  std::uint64_t agency_uid;  // where it was taken
  char soo_name[16];  // NUL-padded
};
static_assert(sizeof(Header) == 56);

struct Section {
  std::uint32_t type;
  std::uint32_t reserved;  // 0
  std::uint64_t length;  // of what follows
};
static_assert(sizeof(Section) == 16);

struct Me {
  std::uint64_t spid, spadcaps;
  std::uint64_t instance_id, epoch;  // of the ME that the snapshot was taken of
  std::uint64_t ram_size;  // bytes
  std::uint64_t pages;  // how many follow
  std::uint64_t dtb_ipa, dtb_size;
  std::uint64_t ramfs_ipa, ramfs_size;
  std::uint32_t slot;  // it had
  std::uint32_t state;  // State it was in: suspended or dormant
  std::uint32_t cooperates;  // 0 or 1
  std::uint32_t exclusive_cpu;
  char name[40];  // NUL-padded
};
static_assert(sizeof(Me) == 136);

// EL1 and EL0 registers by name; avz loads none that reaches beyond the ME.
struct El1 {
  std::uint64_t ttbr0, vbar, sp_el1, sp_el0, tpidr_el0, tpidrro_el0, tpidr_el1, cntkctl, cntv_cval, cntv_ctl;
  std::uint64_t sctlr, cpacr, tcr, mair, ttbr1, amair, contextidr, csselr, afsr0, afsr1;
  std::uint64_t elr, spsr, esr, far, par;
};
static_assert(sizeof(El1) == 25 * 8);

struct Vcpu {
  std::uint64_t x[31];
  std::uint64_t pc;
  std::uint64_t pstate;  // EL1h, EL1t or EL0t, AArch64
  std::uint64_t fpcr, fpsr;
  std::uint64_t counter;  // CNTVCT_EL0 when it was stopped
  std::uint64_t counter_hz;
  std::uint32_t domcall_registered;  // 0 or 1; then domcall_entry and domcall_el1 mean something
  std::uint32_t waiting;  // 1: it was in vcpu_wait, which returns
  std::uint64_t domcall_entry;
  El1 el1;
  El1 domcall_el1;  // sp_el1: the top of the domcall's stack
  std::uint8_t v[32][16];
};
static_assert(sizeof(Vcpu) == (31 + 2 + 2 + 2 + 1 + 1 + 25 + 25) * 8 + 512);

struct Event {
  std::uint32_t port;
  std::uint32_t kind;  // 1 avz's own, 2 unbound, 3 connected, 4 the other end was gone
  std::uint32_t remote_slot;
  std::uint32_t remote_port;
};
static_assert(sizeof(Event) == 16);

struct Grant {
  std::uint64_t ipa;  // page of the ME; 0 when it is no page of its RAM
  std::uint32_t reference;
  std::uint32_t remote_slot;
  std::uint32_t read_only;  // 0 or 1
  std::uint32_t mappings;
};
static_assert(sizeof(Grant) == 24);

// Followed by path and value, without NULs, then zeros up to a multiple of 8. Paths are those of vbstore with "@" in
// place of the slot: "soo/me/@/name".
struct StoreEntry {
  std::uint32_t path_length;
  std::uint32_t value_length;
};

struct Page {
  std::uint64_t ipa;
  std::uint8_t bytes[page_size];
};
static_assert(sizeof(Page) == 8 + page_size);

struct End {
  std::uint64_t length;  // of the stream, this section included
  std::uint64_t pages;
  std::uint8_t digest[16];  // last bytes of the stream
};
static_assert(sizeof(End) == 32);

// The file that `me snapshot` writes: this, then one zstd frame with the stream in it, then a FileEnd.
struct FileHeader {
  std::uint64_t magic;
  std::uint16_t version_major, version_minor;  // of the stream
  std::uint32_t reserved;  // 0
  std::uint64_t stream_length;  // uncompressed
};
inline constexpr std::uint64_t file_magic = 0x006e'5a70'616e'5333;  // "3SnapZn", NUL
static_assert(sizeof(FileHeader) == 24);
// How that frame begins (RFC 8878, 3.1.1): its magic, then a checksum and neither its size nor a dictionary, then a
// window of 2 MB, which is what a reader needs.
inline constexpr std::uint8_t file_frame[] = {0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58};
inline constexpr int file_window_log = 21;

// A frame can be damaged and say the same. Not this one.
struct FileEnd {
  std::uint8_t digest[16];  // of the frame, as in End
};

// What snapshot_context copies out.
enum class Part : std::uint32_t { vcpu = 1, shared_page = 2, events = 3, grants = 4 };

}  // namespace abi::snapshot
