// The tables of docs/snapshot-format.md are those of so3/abi/snapshot.hpp.
#include <gtest/gtest.h>

#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include "so3/abi/snapshot.hpp"

namespace {

using namespace abi::snapshot;

struct Row {
  std::size_t offset, size;
  std::string field;
  bool operator==(const Row&) const = default;
};
void PrintTo(const Row& row, std::ostream* out) { *out << row.offset << ' ' << row.size << ' ' << row.field; }

#define ROW(type, member) \
  Row { offsetof(type, member), sizeof(type::member), #member }

std::vector<Row> table(const std::string& heading) {
  std::ifstream page(SO3_DOCS "/snapshot-format.md");
  EXPECT_TRUE(page.is_open());
  static const std::regex row(R"(\| (\d+) \| (\d+) \| `(\w+)` \|.*)");
  std::vector<Row> rows;
  bool here = false;
  for (std::string line; std::getline(page, line);) {
    if (line.starts_with("## ")) here = line == "## " + heading;
    if (std::smatch m; here && std::regex_match(line, m, row)) {
      rows.push_back({std::stoul(m[1]), std::stoul(m[2]), m[3]});
    }
  }
  return rows;
}

// Rows that follow each other without a gap, to the end of the structure.
void expect(const std::string& heading, std::size_t size, const std::vector<Row>& rows) {
  EXPECT_EQ(table(heading), rows) << heading;
  std::size_t at = 0;
  for (const Row& row : rows) {
    EXPECT_EQ(row.offset, at) << heading << ' ' << row.field;
    at += row.size;
  }
  EXPECT_EQ(at, size) << heading;
}

TEST(SnapshotFormatPage, SaysWhatTheStructuresAre) {
  expect("Header", sizeof(Header),
         {ROW(Header, magic), ROW(Header, version_major), ROW(Header, version_minor), ROW(Header, machine),
          ROW(Header, page_size), ROW(Header, abi_version), ROW(Header, taken_ns), ROW(Header, agency_uid),
          ROW(Header, soo_name)});
  expect("Section", sizeof(Section), {ROW(Section, type), ROW(Section, reserved), ROW(Section, length)});
  expect("Me", sizeof(Me),
         {ROW(Me, spid), ROW(Me, spadcaps), ROW(Me, instance_id), ROW(Me, epoch), ROW(Me, ram_size), ROW(Me, pages),
          ROW(Me, dtb_ipa), ROW(Me, dtb_size), ROW(Me, ramfs_ipa), ROW(Me, ramfs_size), ROW(Me, slot), ROW(Me, state),
          ROW(Me, cooperates), ROW(Me, exclusive_cpu), ROW(Me, name)});
  expect("Vcpu", sizeof(Vcpu),
         {ROW(Vcpu, x), ROW(Vcpu, pc), ROW(Vcpu, pstate), ROW(Vcpu, fpcr), ROW(Vcpu, fpsr), ROW(Vcpu, counter),
          ROW(Vcpu, counter_hz), ROW(Vcpu, domcall_registered), ROW(Vcpu, waiting), ROW(Vcpu, domcall_entry),
          ROW(Vcpu, el1), ROW(Vcpu, domcall_el1), ROW(Vcpu, v)});
  expect("Events", sizeof(Event),
         {ROW(Event, port), ROW(Event, kind), ROW(Event, remote_slot), ROW(Event, remote_port)});
  expect(
      "Grants", sizeof(Grant),
      {ROW(Grant, ipa), ROW(Grant, reference), ROW(Grant, remote_slot), ROW(Grant, read_only), ROW(Grant, mappings)});
  expect("Vbstore", sizeof(StoreEntry), {ROW(StoreEntry, path_length), ROW(StoreEntry, value_length)});
  expect("Pages", sizeof(Page), {ROW(Page, ipa), ROW(Page, bytes)});
  expect("End", sizeof(End), {ROW(End, length), ROW(End, pages), ROW(End, digest)});
  expect("The file", sizeof(FileHeader),
         {ROW(FileHeader, magic), ROW(FileHeader, version_major), ROW(FileHeader, version_minor),
          ROW(FileHeader, reserved), ROW(FileHeader, stream_length)});
}

}  // namespace
