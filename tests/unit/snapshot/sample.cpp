#include "tests/unit/snapshot/sample.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "so3/abi/lifecycle.hpp"
#include "so3/abi/version.hpp"

namespace snapshot_test {

using namespace abi::snapshot;

namespace {

template <typename T>
bool same(const T& a, const T& b) {
  return std::memcmp(&a, &b, sizeof a) == 0;
}
template <typename T>
bool same(const std::vector<T>& a, const std::vector<T>& b) {
  return std::ranges::equal(a, b, [](const T& x, const T& y) { return same(x, y); });
}

std::vector<std::byte> page_of(unsigned seed) {
  std::vector<std::byte> bytes(abi::page_size);
  for (auto& b : bytes) b = static_cast<std::byte>((seed = seed * 1'664'525 + 1'013'904'223) >> 24);
  return bytes;
}

}  // namespace

void Collect::put(snapshot::Bytes piece) {
  largest = std::max(largest, piece.size());
  bytes.insert(bytes.end(), piece.begin(), piece.end());
}

Stream Contents::write(std::size_t pages_in_a_section) const {
  Collect out;
  snapshot::Writer writer(out);
  writer.header(header);
  writer.me(me);
  writer.vcpu(vcpu);
  writer.shared_page(std::span(shared_page).first<abi::page_size>());
  writer.events(events);
  writer.grants(grants);
  std::vector<snapshot::StoreItem> items;
  for (const auto& [path, value] : store) items.push_back({path, value});
  writer.store(items);
  std::size_t done = 0;
  for (const auto& [ipa, bytes] : pages) {
    if (done % pages_in_a_section == 0) writer.pages(std::min(pages_in_a_section, pages.size() - done));
    writer.page(ipa, std::span(bytes).first<abi::page_size>());
    ++done;
  }
  return writer.end() ? out.bytes : Stream{};
}

bool Contents::operator==(const Contents& o) const {
  return same(header, o.header) && same(me, o.me) && same(vcpu, o.vcpu) && shared_page == o.shared_page &&
         same(events, o.events) && same(grants, o.grants) && store == o.store && pages == o.pages;
}

Contents sample() {
  Contents c;
  c.header = {.magic = magic,
              .version_major = version_major,
              .version_minor = version_minor,
              .machine = machine_aarch64,
              .page_size = abi::page_size,
              .abi_version = abi::version,
              .taken_ns = 1'700'000'000'000'000'000,
              .agency_uid = 0x1122'3344'5566'7788,
              .soo_name = "so1"};
  c.me = {.spid = 0x0010'0000'0000'0001,
          .spadcaps = 5,
          .instance_id = 0xabcdef,
          .epoch = 3,
          .ram_size = 1 << 20,
          .pages = 3,
          .dtb_ipa = abi::ram_ipa + 0xf'e000,
          .dtb_size = 0x800,
          .ramfs_ipa = abi::ram_ipa + 0xf'f000,
          .ramfs_size = 0x1000,
          .slot = 2,
          .state = static_cast<std::uint32_t>(abi::State::suspended),
          .cooperates = 1,
          .exclusive_cpu = 0,
          .name = "SOO.refso3"};
  for (std::size_t i = 0; i < 31; ++i) c.vcpu.x[i] = i * 0x1111;
  c.vcpu.pc = abi::ram_ipa + 0x1234;
  c.vcpu.pstate = 0x6000'03c5;
  c.vcpu.counter = 123'456'789;
  c.vcpu.counter_hz = 62'500'000;
  c.vcpu.domcall_registered = 1;
  c.vcpu.domcall_entry = abi::ram_ipa + 0x40;
  c.shared_page = page_of(1);
  c.events = {{1, 1, 0, 0}, {2, 3, 0, 9}, {8, 3, 0, 70}};
  c.grants = {{0, 0, 0, 0, 1}, {abi::ram_ipa + 0x5000, 1, 0, 1, 0}};
  c.store = {{"soo/me/@/name", "SOO.refso3"}, {"device/@/vlogs/0/state", "10"}, {"backend/vlogs/@/0/state", ""}};
  c.pages = {{abi::ram_ipa, page_of(2)}, {abi::ram_ipa + 0x8000, page_of(3)}, {abi::ram_ipa + 0xf'f000, page_of(4)}};
  return c;
}

bool Record::header(const Header& h) { return contents.header = h, spend(); }
bool Record::me(const Me& m) { return contents.me = m, spend(); }
bool Record::vcpu(const Vcpu& v) { return contents.vcpu = v, spend(); }
bool Record::shared_page(snapshot::PageBytes bytes) {
  return contents.shared_page.assign(bytes.begin(), bytes.end()), spend();
}
bool Record::event(const Event& e) { return contents.events.push_back(e), spend(); }
bool Record::grant(const Grant& g) { return contents.grants.push_back(g), spend(); }
bool Record::store(std::string_view path, std::string_view value) {
  return contents.store.emplace_back(path, value), spend();
}
bool Record::page(std::uint64_t ipa, snapshot::PageBytes bytes) {
  return contents.pages[ipa].assign(bytes.begin(), bytes.end()), spend();
}

std::string refusal(snapshot::Bytes stream, std::size_t piece) {
  Record record;
  snapshot::Reader reader(record);
  snapshot::Checked ok;
  while (ok && !stream.empty()) {
    const auto part = stream.first(std::min(piece, stream.size()));
    ok = reader.take(part);
    stream = stream.subspan(part.size());
  }
  if (ok) ok = reader.finish();
  if (ok) return "";
  std::array<char, 256> text;
  return std::string(snapshot::message(ok.error(), text));
}

std::size_t at_section(const Stream& stream, SectionType type) {
  std::size_t at = sizeof(Header);
  for (Section section{}; at + sizeof section <= stream.size(); at += sizeof section + section.length) {
    std::memcpy(&section, stream.data() + at, sizeof section);
    if (section.type == static_cast<std::uint32_t>(type)) break;
  }
  return at;
}

Stream sealed(Stream stream) {
  const auto end = stream.size() - sizeof(End);
  put(stream, end, std::uint64_t{stream.size()});
  snapshot::Digest digest;
  digest.add(std::span(stream).first(end + offsetof(End, digest)));
  put(stream, end + offsetof(End, digest), digest.value());
  return stream;
}

}  // namespace snapshot_test
