// A snapshot in a file: written whole or not at all, and read by somebody who trusts nothing in it (M59).
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <cstring>
#include <fstream>

#include "engine/snapshot/file_reader.hpp"
#include "engine/snapshot/file_writer.hpp"
#include "tests/unit/snapshot/sample.hpp"

namespace {

namespace fs = std::filesystem;
using engine::SnapshotWriter;
using snapshot_test::Record;
using snapshot_test::sample;
using snapshot_test::Stream;

class SnapshotFile : public testing::Test {
 protected:
  SnapshotFile() { fs::create_directories(folder_); }
  ~SnapshotFile() override { fs::remove_all(folder_); }

  fs::path save(const Stream& stream, const std::string& name = "a.me") {
    const auto path = folder_ / name;
    auto writer = SnapshotWriter::create(path);
    EXPECT_TRUE(writer) << writer.error().message;
    EXPECT_TRUE((*writer)->write(stream));
    EXPECT_TRUE((*writer)->finish());
    EXPECT_EQ(fs::file_size(path), (*writer)->file_size());
    return path;
  }
  std::string refusal(const fs::path& path) {
    Record record;
    const auto ok = engine::read_snapshot(path, record);
    return ok ? "" : ok.error().message;
  }
  std::vector<char> bytes_of(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void put(const fs::path& path, const std::vector<char>& bytes) {
    std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_ = fs::temp_directory_path() / ("snapshot_file_test." + std::to_string(::getpid()));
};

TEST_F(SnapshotFile, ComesBack) {
  const auto path = save(sample().write());
  Record record;
  const auto ok = engine::read_snapshot(path, record);
  ASSERT_TRUE(ok) << ok.error().message;
  EXPECT_TRUE(record.contents == sample());
}

TEST_F(SnapshotFile, IsForItsOwnerOnlyAndLeavesNothingElse) {
  const auto path = save(sample().write());
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  EXPECT_EQ(files(), 1u);
}

TEST_F(SnapshotFile, ReplacesAnOlderOneOnlyWhenItIsComplete) {
  const auto path = save(sample().write());
  {
    auto writer = SnapshotWriter::create(path);
    ASSERT_TRUE(writer);
    ASSERT_TRUE((*writer)->write(Stream(100'000)));
  }
  EXPECT_EQ(refusal(path), "");
  EXPECT_EQ(files(), 1u);
  auto other = sample();
  other.me.epoch = 77;
  save(other.write());
  Record record;
  ASSERT_TRUE(engine::read_snapshot(path, record));
  EXPECT_EQ(record.contents.me.epoch, 77u);
}

TEST_F(SnapshotFile, NoRoomIsSaidAndLeavesNothing) {
  struct rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small{4096, old.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);
  engine::Result<> result;
  {
    auto writer = SnapshotWriter::create(folder_ / "a.me");
    ASSERT_TRUE(writer);
    result = (*writer)->write(sample().write());
    if (result) result = (*writer)->finish();
  }
  ::setrlimit(RLIMIT_FSIZE, &old);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, engine::Errc::no_room);
  EXPECT_NE(result.error().message.find("the file was not made"), std::string::npos);
  EXPECT_EQ(files(), 0u);
}

TEST_F(SnapshotFile, OnlyFilesAreFiles) {
  EXPECT_EQ(SnapshotWriter::create(folder_).error().message, folder_.string() + ": not a file");
  EXPECT_EQ(SnapshotWriter::create("/dev/null").error().message, "/dev/null: not a file");
  EXPECT_EQ(SnapshotWriter::create(folder_ / "no" / "a.me").error().code, engine::Errc::not_found);
  EXPECT_EQ(refusal(folder_), folder_.string() + ": not a file");
  EXPECT_EQ(refusal("/dev/zero"), "/dev/zero: not a file");
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_NE(refusal(folder_ / "pipe").find("not a file"), std::string::npos);
  EXPECT_NE(refusal(folder_ / "none").find("No such file"), std::string::npos);
}

TEST_F(SnapshotFile, CutAnywhereIsRefused) {
  const auto whole = bytes_of(save(sample().write()));
  for (std::size_t size = 0; size < whole.size(); size += size < 64 ? 1 : 97) {
    put(folder_ / "cut", {whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)});
    EXPECT_NE(refusal(folder_ / "cut"), "") << size;
  }
  put(folder_ / "cut", {whole.begin(), whole.end() - 1});
  EXPECT_NE(refusal(folder_ / "cut").find("cut off at byte " + std::to_string(whole.size() - 1)), std::string::npos);
}

TEST_F(SnapshotFile, FlippedBitsAreRefused) {
  auto whole = bytes_of(save(sample().write()));
  for (std::size_t byte = 0; byte < whole.size(); byte += byte < 64 || byte + 200 > whole.size() ? 1 : 61) {
    for (int bit = 0; bit < 8; ++bit) {
      whole[byte] = static_cast<char>(whole[byte] ^ 1 << bit);
      put(folder_ / "bad", whole);
      EXPECT_NE(refusal(folder_ / "bad"), "") << "bit " << bit << " of byte " << byte;
      whole[byte] = static_cast<char>(whole[byte] ^ 1 << bit);
    }
  }
}

TEST_F(SnapshotFile, WhatFollowsIsRefused) {
  auto whole = bytes_of(save(sample().write()));
  const auto size = std::to_string(whole.size());
  whole.push_back(0);
  put(folder_ / "long", whole);
  EXPECT_NE(refusal(folder_ / "long").find("1 bytes follow the end of the snapshot at byte " + size),
            std::string::npos);
}

TEST_F(SnapshotFile, ABombIsRefusedInBoundedMemory) {
  const auto path = folder_ / "bomb";
  {
    auto writer = SnapshotWriter::create(path);
    ASSERT_TRUE(writer);
    Stream first(1 << 20);
    snapshot_test::put(first, 8, std::uint32_t{0x1'0001});  // the version
    ASSERT_TRUE((*writer)->write(first));
    for (int i = 1; i < 64; ++i) ASSERT_TRUE((*writer)->write(Stream(1 << 20)));
    ASSERT_TRUE((*writer)->finish());
  }
  EXPECT_NE(refusal(path).find("not a snapshot"), std::string::npos) << "refused at its first bytes";
  auto bytes = bytes_of(path);
  const auto claim = [&](std::uint64_t length) {
    std::memcpy(bytes.data() + 16, &length, sizeof length);
    put(path, bytes);
    auto file = engine::SnapshotFile::open(path);
    if (!file) return file.error().message;
    while (true) {
      const auto piece = (*file)->next();
      if (!piece) return piece.error().message;
      if (piece->empty()) return std::string();
    }
  };
  EXPECT_EQ(claim(64 << 20), "");
  EXPECT_NE(claim(1 << 20).find("more than the 1048576 bytes that it claims"), std::string::npos);
  EXPECT_NE(claim((64 << 20) + 1).find("claims 67108865 bytes of snapshot and has 67108864"), std::string::npos);
  EXPECT_NE(claim(std::uint64_t{1} << 40).find("it claims 1099511627776 bytes of snapshot; at most"),
            std::string::npos);
}

TEST_F(SnapshotFile, ChangingWhileItIsReadIsNoticed) {
  auto big = sample();
  big.me.ram_size = 4 << 20;
  big.pages.clear();
  for (unsigned i = 0; i < 512; ++i) {
    auto bytes = sample().shared_page;
    for (auto& b : bytes) b ^= static_cast<std::byte>(i);
    std::memcpy(bytes.data(), &i, sizeof i);
    big.pages[abi::ram_ipa + std::uint64_t{i} * 4096] = bytes;
  }
  big.me.pages = big.pages.size();
  big.me.dtb_ipa = abi::ram_ipa;
  big.me.ramfs_ipa = big.me.ramfs_size = 0;
  const auto stream = big.write();
  for (const bool grows : {true, false}) {
    const auto path = save(stream);
    const auto size = fs::file_size(path);
    auto file = engine::SnapshotFile::open(path);
    ASSERT_TRUE(file);
    std::string why;
    for (int i = 0; why.empty(); ++i) {
      if (i == 1) fs::resize_file(path, grows ? size + 7 : 1000);
      const auto piece = (*file)->next();
      if (!piece) why = piece.error().message;
      ASSERT_TRUE(!piece || !piece->empty());
    }
    EXPECT_TRUE(why.find("while it was read") != std::string::npos || why.find("damaged") != std::string::npos) << why;
  }
}

}  // namespace
