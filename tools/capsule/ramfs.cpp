#include "tools/capsule/ramfs.hpp"

#include <cstdint>
#include <cstdio>
#include <set>

#include "tools/capsule/files.hpp"

namespace capsule_tool {
namespace {

constexpr std::uint32_t folder_mode = 040755, file_mode = 0100644, program_mode = 0100755;

void pad(std::string& archive) { archive.resize((archive.size() + 3) & ~std::size_t{3}); }

void append(std::string& archive, std::uint32_t inode, std::uint32_t mode, const std::string& name,
            std::span<const std::byte> data) {
  const auto field = [&](std::uint32_t value) {
    char digits[9];
    std::snprintf(digits, sizeof digits, "%08x", value);
    archive += digits;
  };
  const std::uint32_t links = mode == folder_mode ? 2 : 1;
  archive += "070701";
  for (std::uint32_t value : {inode, mode, 0u, 0u, links, 0u, static_cast<std::uint32_t>(data.size()), 0u, 0u, 0u, 0u,
                              static_cast<std::uint32_t>(name.size() + 1), 0u}) {
    field(value);
  }
  archive += name;
  archive += '\0';
  pad(archive);
  archive.append(reinterpret_cast<const char*>(data.data()), data.size());
  pad(archive);
}

}  // namespace

void write_ramfs(const std::filesystem::path& folder, const std::filesystem::path& archive) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::is_directory(folder, error)) die(folder.string(), "RAMFS is not a folder");
  std::set<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) paths.insert(entry.path());

  std::string out;
  std::uint32_t inode = 1;
  for (const auto& path : paths) {
    const auto status = fs::symlink_status(path);
    const auto name = fs::relative(path, folder).generic_string();
    if (fs::is_directory(status)) {
      append(out, inode++, folder_mode, name, {});
    } else if (fs::is_regular_file(status)) {
      const auto data = read_file(path);
      if (data.size() > UINT32_MAX) die(path.string(), "is too big for a ramfs: at most 4 GB");
      const bool program = (status.permissions() & fs::perms::owner_exec) != fs::perms::none;
      append(out, inode++, program ? program_mode : file_mode, name, data);
    } else {
      die(path.string(), "a ramfs holds files and folders only");
    }
  }
  append(out, 0, 0, "TRAILER!!!", {});
  write_file(archive, out);
}

}  // namespace capsule_tool
