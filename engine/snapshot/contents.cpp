#include "engine/snapshot/contents.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "engine/snapshot/file_reader.hpp"
#include "so3/abi/layout.hpp"

namespace engine {
namespace {

FileDescriptor nameless_file() {
  std::error_code error;
  auto folder = std::filesystem::temp_directory_path(error);
  std::string name = (folder / "me-inspect.XXXXXX").string();
  FileDescriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd) ::unlink(name.c_str());
  return fd;
}

}  // namespace

Result<std::unique_ptr<SnapshotContents>> SnapshotContents::read(const std::filesystem::path& path) {
  std::unique_ptr<SnapshotContents> contents(new SnapshotContents);
  auto file = SnapshotFile::open(path);
  if (!file) return std::unexpected(file.error());
  contents->file_size = (*file)->size();
  contents->stream_length = (*file)->stream_length();
  contents->memory_ = nameless_file();
  if (!contents->memory_)
    return fail(Errc::environment, fmt::format("no temporary file can be made: {}", std::strerror(errno)),
                "set TMPDIR to a folder that is yours");
  auto all = read_snapshot(path, *contents);
  if (!contents->trouble_.empty())
    return fail(Errc::no_room, fmt::format("the ME's memory has no room in a temporary file: {}", contents->trouble_),
                "set TMPDIR to a folder on a larger disk");
  if (!all) return std::unexpected(all.error());
  return contents;
}

bool SnapshotContents::me(const abi::snapshot::Me& m) {
  it = m;
  touched_.resize(m.ram_size / abi::page_size);
  if (::ftruncate(memory_.get(), static_cast<off_t>(m.ram_size)) == 0) return true;
  trouble_ = std::strerror(errno);
  return false;
}

bool SnapshotContents::page(std::uint64_t ipa, snapshot::PageBytes bytes) {
  const auto offset = ipa - abi::ram_ipa;
  const auto n = ::pwrite(memory_.get(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
  if (n != static_cast<ssize_t>(bytes.size())) trouble_ = n < 0 ? std::strerror(errno) : "the disk is full";
  touched_[offset / abi::page_size] = true;
  return trouble_.empty();
}

bool SnapshotContents::read(std::uint64_t address, std::span<std::byte> to) const {
  if (address < abi::ram_ipa || to.size() > it.ram_size || address - abi::ram_ipa > it.ram_size - to.size())
    return false;
  return ::pread(memory_.get(), to.data(), to.size(), static_cast<off_t>(address - abi::ram_ipa)) ==
         static_cast<ssize_t>(to.size());
}

std::optional<abi::ImageHeader> SnapshotContents::image() const {
  abi::ImageHeader image;
  if (!read(abi::ram_ipa, std::as_writable_bytes(std::span(&image, 1)))) return std::nullopt;
  if (image.magic != abi::image_magic || image.load_address != abi::ram_ipa || image.file_size > image.memory_size ||
      image.memory_size > it.ram_size) {
    return std::nullopt;
  }
  return image;
}

std::vector<SnapshotContents::Region> SnapshotContents::regions() const {
  const auto its_image = image();
  std::vector<Region> regions;
  for (const auto* name : {"image", "zeroed data and boot stacks", "heap and threads", "device tree", "ramfs"})
    regions.push_back({name, 0, 0, 0});
  const auto within = [](std::uint64_t page, std::uint64_t ipa, std::uint64_t size) {
    return size != 0 && page + abi::page_size > ipa && page < ipa + size;
  };
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    const auto ipa = abi::ram_ipa + i * abi::page_size;
    std::size_t which = 2;
    if (within(ipa, it.dtb_ipa, it.dtb_size)) which = 3;
    else if (within(ipa, it.ramfs_ipa, it.ramfs_size)) which = 4;
    else if (its_image && within(ipa, abi::ram_ipa, its_image->file_size)) which = 0;
    else if (its_image && within(ipa, abi::ram_ipa, its_image->memory_size)) which = 1;
    Region& region = regions[which];
    if (region.pages++ == 0) region.ipa = ipa;
    if (touched_[i]) ++region.touched;
  }
  std::erase_if(regions, [](const Region& region) { return region.pages == 0; });
  return regions;
}

snapshot::Threads SnapshotContents::threads() const {
  const auto its_image = image();
  if (!its_image) return {{}, "its memory does not begin with an image", abi::ram_ipa};
  if (its_image->threads == 0) return {{}, "its image names no thread directory", abi::ram_ipa};
  return snapshot::read_threads(*this, its_image->threads);
}

}  // namespace engine
