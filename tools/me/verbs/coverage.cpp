#include "tools/me/verbs/coverage.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <string>

#include "tools/me/output.hpp"
#include "tools/me/verbs/tool.hpp"

namespace me {
namespace {

using engine::fail;
namespace fs = std::filesystem;

Result<> run(const std::vector<std::string>& command) {
  std::string errors;
  auto status = run_tool(command, [&](std::string_view line) {
    if (line.find("ERROR") != line.npos) errors += "\n  " + std::string(line);
  });
  if (!status) return std::unexpected(status.error());
  if (*status != 0) return fail(Errc::failed, fmt::format("{} failed{}", command[0], errors));
  return {};
}

Result<> capture(const fs::path& folder, const std::string& gcov, const fs::path& info) {
  return run({"lcov", "--quiet", "--capture", "--rc", "lcov_branch_coverage=1", "--gcov-tool", gcov, "--directory", folder.string(),
              "--output-file", info.string()});
}

// Counters are in place after each stream, so each is captured before the next overwrites them.
Result<> capture_guests(const Layout& layout, const fs::path& streams, std::vector<fs::path>& infos) {
  std::error_code error;
  const auto images = layout.build("target-coverage");
  for (fs::directory_iterator entry(streams, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() != ".stream") continue;
    if (auto unpacked = unpack_stream(entry->path(), images); !unpacked) return unpacked;
    auto info = entry->path();
    info.replace_extension(".info");
    if (auto captured = capture(images, "aarch64-linux-gnu-gcov", info); !captured) return captured;
    infos.push_back(info);
  }
  return {};
}

}  // namespace

Result<fs::path> coverage_report(const Layout& layout) {
  const auto folder = layout.build("coverage");
  std::error_code error;
  fs::create_directories(folder, error);
  std::vector<fs::path> infos = {folder / "host.info"};
  if (auto host = capture(layout.build("host-coverage"), "gcov", infos.front()); !host) return std::unexpected(host.error());
  if (auto guests = capture_guests(layout, folder / "guest", infos); !guests) return std::unexpected(guests.error());
  const auto all = folder / "all.info";
  std::vector<std::string> merge = {"lcov", "--quiet", "--rc", "lcov_branch_coverage=1", "--output-file", all.string()};
  for (const auto& info : infos) merge.insert(merge.end(), {"--add-tracefile", info.string()});
  if (auto merged = run(merge); !merged) return std::unexpected(merged.error());
  const auto root = layout.root.string();
  const auto ours = folder / "ours.info";
  std::vector<std::string> select = {"lcov", "--quiet", "--rc", "lcov_branch_coverage=1", "--output-file", ours.string(), "--extract", all.string()};
  for (const auto* part : {"so3", "libme", "frontends", "engine", "tools", "templates"}) select.push_back(fmt::format("{}/{}/*", root, part));
  if (auto selected = run(select); !selected) return std::unexpected(selected.error());
  if (auto page = run({"genhtml", "--quiet", "--branch-coverage", "--prefix", root, "--title", "mobile entities", "--output-directory",
                       folder.string(), ours.string()});
      !page)
    return std::unexpected(page.error());
  return folder / "index.html";
}

Result<> unpack_stream(const fs::path& stream, const fs::path& below) {
  std::ifstream in(stream, std::ios::binary);
  std::ofstream out;
  const auto refuse = [&](const char* what) { return fail(Errc::refused, fmt::format("{}: {}", stream.string(), what)); };
  while (true) {
    char kind = 0;
    if (!in.get(kind)) return {};
    std::array<unsigned char, 4> size_bytes{};
    if (!in.read(reinterpret_cast<char*>(size_bytes.data()), size_bytes.size())) return refuse("it ends in a length");
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size |= std::size_t{size_bytes[i]} << 8 * i;
    if (size > (std::size_t{64} << 20)) return refuse("a record of more than 64 MB");
    std::string data(size, '\0');
    if (!in.read(data.data(), static_cast<std::streamsize>(size))) return refuse("it ends in a record");
    if (kind == 'D') {
      if (!out.is_open()) return refuse("data before a file name");
      out.write(data.data(), static_cast<std::streamsize>(size));
      continue;
    }
    if (kind != 'F') return refuse("a record that is neither F nor D");
    const auto file = fs::path(data).lexically_normal();
    if (!file.string().starts_with(below.string() + '/') || file.extension() != ".gcda") return refuse("a file that is not a build's .gcda");
    out.close();
    out.open(file, std::ios::binary | std::ios::trunc);
    if (!out) return fail(Errc::failed, fmt::format("cannot write {}", file.string()));
  }
}

}  // namespace me
