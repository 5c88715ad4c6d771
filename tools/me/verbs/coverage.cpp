#include "tools/me/verbs/coverage.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <fstream>
#include <string>
#include <vector>

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

// LCOV's programs, whose options have other names since version 2.
class Lcov {
 public:
  static Result<Lcov> find() {
    std::string said;
    auto status = run_tool({"lcov", "--version"}, [&](std::string_view line) { said = line; });
    if (!status) return std::unexpected(status.error());
    Lcov found;
    // "lcov: LCOV version 2.0-1"
    if (const auto at = said.find("version "); *status != 0 || at == said.npos || said.size() < at + 10)
      return fail(Errc::environment, "lcov does not say its version", "apt-get install lcov");
    else if (said[at + 8] == '1' && said[at + 9] == '.')
      found.common_ = {"--rc", "lcov_branch_coverage=1", "--rc", "geninfo_no_exception_branch=1"};
    else found.common_ = {"--rc", "branch_coverage=1", "--rc", "no_exception_branch=1"};
    return found;
  }

  [[nodiscard]] Result<> operator()(const char* program, const std::vector<std::string>& arguments) const {
    std::vector<std::string> command = {program, "--quiet"};
    command.insert(command.end(), common_.begin(), common_.end());
    command.insert(command.end(), arguments.begin(), arguments.end());
    return run(command);
  }

  [[nodiscard]] Result<> capture(const fs::path& folder, const char* gcov, const fs::path& info) const {
    return (*this)("lcov",
                   {"--capture", "--gcov-tool", gcov, "--directory", folder.string(), "--output-file", info.string()});
  }

 private:
  std::vector<std::string> common_;
};

// Domains share objects: the counters of all are added, and put where a program on the host would leave them.
Result<> add_up(const fs::path& folder, const fs::path& images) {
  std::error_code error;
  const auto one = folder / "one", sum = folder / "sum", next = folder / "next";
  for (const auto& old : {one, sum, next}) fs::remove_all(old, error);
  std::vector<fs::path> streams;
  for (fs::directory_iterator entry(folder / "guest", error), end; !error && entry != end; entry.increment(error))
    streams.push_back(entry->path());
  for (const auto& stream : streams) {
    if (auto unpacked = unpack_stream(stream, images, one); !unpacked) {
      // An ME that is destroyed while it prints: what it has counted is lost, and that is told.
      remark("left out: " + unpacked.error().message);
    } else if (!fs::exists(sum, error)) {
      fs::rename(one, sum, error);
    } else {
      if (auto added = run({"aarch64-linux-gnu-gcov-tool", "merge", "-o", next.string(), sum.string(), one.string()});
          !added)
        return added;
      fs::remove_all(sum, error);
      fs::rename(next, sum, error);
    }
    fs::remove_all(one, error);
  }
  fs::copy(sum, images, fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
  if (error) return fail(Errc::failed, "no domain has left its counters", "have the emulated tests run?");
  return {};
}

}  // namespace

void remove_counters(const fs::path& build) {
  std::error_code error;
  std::vector<fs::path> old;
  for (fs::recursive_directory_iterator entry(build, error), end; !error && entry != end; entry.increment(error))
    if (entry->path().extension() == ".gcda") old.push_back(entry->path());
  for (const auto& file : old) fs::remove(file, error);
}

Result<Coverage> coverage_report(const Layout& layout) {
  const auto folder = layout.build("coverage"), host = folder / "host.info", guest = folder / "guest.info";
  const auto all = folder / "all.info", ours = folder / "ours.info";
  const auto images = layout.build("target-coverage");
  std::error_code error;
  fs::create_directories(folder, error);
  remark("me: adding up what was counted");
  remove_counters(images);
  if (auto added = add_up(folder, images); !added) return std::unexpected(added.error());
  const auto lcov = Lcov::find();
  if (!lcov) return std::unexpected(lcov.error());
  if (auto done = lcov->capture(layout.build("host-coverage"), "gcov", host); !done)
    return std::unexpected(done.error());
  if (auto done = lcov->capture(images, "aarch64-linux-gnu-gcov", guest); !done) return std::unexpected(done.error());
  if (auto merged = (*lcov)(
          "lcov", {"--add-tracefile", host.string(), "--add-tracefile", guest.string(), "--output-file", all.string()});
      !merged)
    return std::unexpected(merged.error());
  const auto root = layout.root.string();
  std::vector<std::string> select = {"--output-file", ours.string(), "--extract", all.string()};
  for (const auto* part : {"so3", "libme", "frontends", "engine", "tools", "templates"})
    select.push_back(fmt::format("{}/{}/*", root, part));
  if (auto selected = (*lcov)("lcov", select); !selected) return std::unexpected(selected.error());
  if (auto page = (*lcov)("genhtml", {"--branch-coverage", "--prefix", root, "--title", "mobile entities",
                                      "--output-directory", folder.string(), ours.string()});
      !page)
    return std::unexpected(page.error());
  auto report = read_tracefile(ours, layout.root);
  report.page = folder / "index.html";
  return report;
}

Coverage read_tracefile(const fs::path& tracefile, const fs::path& root) {
  Coverage report;
  Coverage::Part* part = nullptr;
  std::ifstream in(tracefile);
  const auto add = [&](Coverage::Share Coverage::Part::* share, std::uint64_t Coverage::Share::* count,
                       std::string_view text) {
    std::uint64_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (part == nullptr) return;
    part->*share.*count += value;
    report.sum.*share.*count += value;
  };
  using Share = Coverage::Share;
  using Part = Coverage::Part;
  for (std::string line; std::getline(in, line);) {
    const std::string_view text = line;
    if (text.starts_with("SF:")) {
      const auto file = fs::path(text.substr(3)).lexically_relative(root);
      auto name = file.begin();
      auto folder = name == file.end() ? fs::path() : *name++;
      if (folder == "so3" && name != file.end()) folder /= *name;
      part = &report.folders[folder.string()];
    } else if (text.starts_with("LF:")) {
      add(&Part::lines, &Share::all, text.substr(3));
    } else if (text.starts_with("LH:")) {
      add(&Part::lines, &Share::reached, text.substr(3));
    } else if (text.starts_with("FNF:")) {
      add(&Part::functions, &Share::all, text.substr(4));
    } else if (text.starts_with("FNH:")) {
      add(&Part::functions, &Share::reached, text.substr(4));
    } else if (text.starts_with("BRF:")) {
      add(&Part::branches, &Share::all, text.substr(4));
    } else if (text.starts_with("BRH:")) {
      add(&Part::branches, &Share::reached, text.substr(4));
    }
  }
  return report;
}

Result<> unpack_stream(const fs::path& stream, const fs::path& below, const fs::path& into) {
  std::ifstream in(stream, std::ios::binary);
  std::ofstream out;
  const auto refuse = [&](const char* what) {
    return fail(Errc::refused, fmt::format("{}: {}", stream.string(), what));
  };
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
    if (!file.string().starts_with(below.string() + '/') || file.extension() != ".gcda")
      return refuse("a file that is not a build's .gcda");
    const auto place = into / file.lexically_relative(below);
    std::error_code error;
    fs::create_directories(place.parent_path(), error);
    out.close();
    out.open(place, std::ios::binary | std::ios::trunc);
    if (!out) return fail(Errc::failed, fmt::format("cannot write {}", place.string()));
  }
}

}  // namespace me
