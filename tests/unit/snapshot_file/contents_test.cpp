// What `me inspect` finds in a snapshot, also when the ME in it is up to something.
#include "engine/snapshot/contents.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>

#include "engine/snapshot/file_writer.hpp"
#include "so3/abi/version.hpp"
#include "tests/unit/snapshot/sample.hpp"

namespace {

namespace fs = std::filesystem;
using engine::SnapshotContents;
using snapshot_test::Contents;

constexpr std::uint64_t directory_at = abi::ram_ipa + 0x2100, records_at = abi::ram_ipa + 0x8000;

template <typename T>
void put(Contents& c, std::uint64_t ipa, const T& value) {
  auto& page = c.pages[ipa & ~std::uint64_t{4095}];
  page.resize(abi::page_size);
  std::memcpy(page.data() + ipa % 4096, &value, sizeof value);
}

abi::ThreadRecord record(const char* name, std::uint64_t next) {
  abi::ThreadRecord r{.next = next,
                      .name = {},
                      .state = 3,
                      .priority = 10,
                      .stack = abi::ram_ipa + 0x9000,
                      .stack_size = 20480,
                      .sp = abi::ram_ipa + 0xa000};
  std::strncpy(r.name, name, sizeof r.name);
  return r;
}

// An ME with an image of 0x2000 bytes in the file, 0x5000 in memory, and two threads.
Contents with_threads() {
  auto c = snapshot_test::sample();
  c.pages.clear();
  put(c, abi::ram_ipa,
      abi::ImageHeader{.branch = 0,
                       .abi_version = abi::version,
                       .magic = abi::image_magic,
                       .load_address = abi::ram_ipa,
                       .file_size = 0x2f00,
                       .memory_size = 0x5000,
                       .threads = directory_at});
  put(c, directory_at, abi::ThreadDirectory{abi::thread_directory_magic, 1, 2, records_at, 0});
  put(c, records_at, record("boot", records_at + 256));
  put(c, records_at + 256, record("app", 0));
  c.me.pages = c.pages.size();
  return c;
}

class Inspect : public testing::Test {
 protected:
  std::unique_ptr<SnapshotContents> read(Contents contents) {
    contents.me.pages = contents.pages.size();
    const auto path = fs::temp_directory_path() / ("snapshot_contents_test." + std::to_string(::getpid()));
    auto writer = engine::SnapshotWriter::create(path);
    EXPECT_TRUE(writer && (*writer)->write(contents.write()) && (*writer)->finish());
    auto read = SnapshotContents::read(path);
    fs::remove(path);
    EXPECT_TRUE(read) << read.error().message;
    return std::move(*read);
  }
  std::string trouble(const Contents& contents) { return std::string(read(contents)->threads().trouble); }
};

TEST_F(Inspect, ShowsThreadsAndRegions) {
  const auto s = read(with_threads());
  const auto threads = s->threads();
  EXPECT_EQ(threads.trouble, "");
  ASSERT_EQ(threads.records.size(), 2u);
  EXPECT_STREQ(threads.records[0].name, "boot");
  EXPECT_STREQ(threads.records[1].name, "app");

  std::uint64_t pages = 0, touched = 0;
  std::string names;
  for (const auto& region : s->regions()) {
    names += region.name + ' ' + std::to_string(region.pages) + ' ' + std::to_string(region.touched) + '\n';
    pages += region.pages;
    touched += region.touched;
  }
  EXPECT_EQ(names, "image 3 2\nzeroed data and boot stacks 2 0\nheap and threads 249 1\ndevice tree 1 0\nramfs 1 0\n");
  EXPECT_EQ(pages, 256u);
  EXPECT_EQ(touched, s->it.pages);
}

TEST_F(Inspect, EveryLieOfTheMeAboutItsThreadsComesToAnEnd) {
  auto c = with_threads();
  put(c, records_at + 256, record("app", records_at));
  EXPECT_EQ(trouble(c), "the list of threads does not end");
  c = with_threads();
  put(c, records_at + 256, record("app", ~std::uint64_t{0} - 8));
  EXPECT_EQ(trouble(c), "a thread is not in memory");
  c = with_threads();
  put(c, records_at, record("a name without end", 0));
  EXPECT_EQ(trouble(c), "a thread is damaged");
  c = with_threads();
  auto bad = record("boot", 0);
  bad.state = 5;
  put(c, records_at, bad);
  EXPECT_EQ(trouble(c), "a thread is damaged");
  c = with_threads();
  put(c, directory_at + 12, std::uint32_t{3});
  EXPECT_EQ(trouble(c), "the list of threads has another length than announced");
  c = with_threads();
  put(c, directory_at + 8, std::uint32_t{2});
  EXPECT_EQ(trouble(c), "the thread directory has another version");
  c = with_threads();
  put(c, directory_at, std::uint64_t{0});
  EXPECT_EQ(trouble(c), "there is no thread directory");
  for (const std::uint64_t where : {abi::ram_ipa + (1 << 20) - 31, std::uint64_t{1}, ~std::uint64_t{0}}) {
    c = with_threads();
    put(c, abi::ram_ipa + 40, where);
    EXPECT_EQ(trouble(c), "the thread directory is not in memory");
  }
  c = with_threads();
  put(c, abi::ram_ipa + 40, std::uint64_t{0});
  EXPECT_EQ(trouble(c), "its image names no thread directory");
  c = with_threads();
  put(c, abi::ram_ipa + 32, std::uint64_t{1} << 40);
  EXPECT_EQ(trouble(c), "its memory does not begin with an image");
  EXPECT_EQ(read(c)->regions().front().name, "heap and threads");
}

}  // namespace
